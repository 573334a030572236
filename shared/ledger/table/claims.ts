import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { REMEMBERED_SECONDS } from '../ledger.ts';
import type { Claim, Claimable, Ledger } from '../ledger.ts';
import { heldClaim } from './held-claim.ts';
import { nameOf } from './names.ts';
import type { Change, ReadRow, Row, Table } from './table.ts';

/** What a claim is made of: one row, or one more for what it has in common with others. */
export type ClaimedKey = { readonly name: string; readonly seconds: number };

type Found = ReadRow | undefined;

/** How often a row may change between a look at it and the attempt to write it. */
const ATTEMPTS = 3;

/**
 * Claims by inserting rows, which only one caller can. Where a row is there already it is read: settled, held by
 * somebody, or free to be taken over on the condition that it has not changed since.
 */
export function claims(table: Pick<Table, 'change' | 'read' | 'backFor'>, clock: Clock): Ledger['claim'] {
  const after = (seconds: number) => new Date((clock.now() + seconds) * 1000);

  /** A row that is not there is free, and so is one that was given back or whose time is over. */
  function stateOf(row: Found, holder: string, leaseSeconds: number): 'free' | 'ours' | 'done' | 'busy' {
    if (!row?.holder) return 'free';
    const isOver = row.until.getTime() <= clock.now() * 1000;
    if (row.done) return isOver ? 'free' : 'done';
    if (row.holder === holder) return 'ours';
    // While the table was out nobody could renew a claim or settle it: whoever holds one gets the time to.
    return isOver && table.backFor() >= leaseSeconds * 1000 ? 'free' : 'busy';
  }

  return async function claim(claimable, leaseSeconds) {
    const partition = nameOf('claims', claimable.partition ?? claimable.key);
    const [own, common] = keysOf(claimable);
    const keys = common ? [own, common] : [own];
    const holder = randomUUID();
    const write = (rows: readonly Row[], found: readonly Found[]) =>
      table.change(
        partition,
        rows.map((row, index) => changeOf(keys[index]?.name ?? '', row, found[index])),
      );
    /** A lease that ran out before the answer came may be somebody else's by now, unless it can still be renewed. */
    async function held(etags: readonly string[], asked: number): Promise<Claim> {
      const lease = heldClaim({ table, clock, partition, keys, holder, leaseSeconds }, etags);
      const isLate = clock.ticks() - asked >= leaseSeconds * 1000;
      return isLate && !(await lease.renew()) ? { state: 'busy' } : { state: 'claimed', lease };
    }

    // Most keys are new, so they are inserted at once, and looked at only where that fails.
    let found: readonly Found[] = [];
    let asked = clock.ticks();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const states = keys.map((_key, index) => stateOf(found[index], holder, leaseSeconds));
      if (states[0] === 'done') return { state: 'done' };
      if (states.includes('busy')) return { state: 'busy' };
      // The service did what it was asked, and its answer was lost on the way.
      if (states[0] === 'ours')
        return held(
          found.map((row) => row?.etag ?? ''),
          asked,
        );
      if (states[1] === 'done') {
        // Done through another delivery, so this one stays done too when that is forgotten.
        if (await write([{ until: after(own.seconds), holder, done: true }], found)) return { state: 'done' };
      } else {
        asked = clock.ticks();
        const etags = await write(
          keys.map(() => ({ until: after(leaseSeconds), holder, done: false })),
          found,
        );
        if (etags) return held(etags, asked);
      }
      found = await Promise.all(keys.map(({ name }) => table.read(partition, name)));
    }
    return { state: 'busy' };
  };
}

function keysOf({ key, seconds = REMEMBERED_SECONDS, also }: Claimable): [ClaimedKey, ClaimedKey?] {
  const named = (text: string, remembered: number) => ({ name: nameOf('claim', text), seconds: remembered });
  return also ? [named(key, seconds), named(also.key, also.seconds)] : [named(key, seconds)];
}

const changeOf = (name: string, row: Row, found: Found): Change =>
  found ? { kind: 'replace', name, row, etag: found.etag } : { kind: 'insert', name, row };
