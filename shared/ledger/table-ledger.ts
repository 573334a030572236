import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Change, ReadRow, Row, Table } from './azure-table.ts';
import { inTransactions } from './batching.ts';
import { REMEMBERED_SECONDS } from './ledger.ts';
import type { Acquisition, LedgerKey, Lease, Ledger } from './ledger.ts';

/**
 * The name of a row or a partition for any text: the service takes no slash and no question mark, nor more than a
 * kibibyte. As a hash it also spreads the partitions evenly, however much the texts have in common.
 */
export const nameOf = (kind: 'claims' | 'claim' | 'binding', text: string) =>
  `${kind}-${createHash('sha256').update(text).digest('base64url')}`;

type Held = {
  readonly table: Pick<Table, 'change' | 'read'>;
  readonly clock: Clock;
  readonly partition: string;
  readonly keys: readonly ClaimedKey[];
  readonly holder: string;
  readonly leaseSeconds: number;
};

/**
 * The lease of rows that are ours as long as they carry our name.
 *
 * @param etags of the rows as we wrote them
 */
export function heldClaim(held: Held, etags: readonly string[]): Lease {
  const { table, clock, partition, keys, holder, leaseSeconds } = held;
  let known: readonly string[] | undefined = etags;
  let turn: Promise<unknown> = Promise.resolve();

  const after = (seconds: number) => new Date((clock.now() + seconds) * 1000);

  /** Writes all rows, unless they are not ours any more; tells whether they were. */
  async function write(rowOf: (key: ClaimedKey) => Row): Promise<boolean> {
    // Where the rows have changed, it may have been by us: a write whose answer was lost.
    known = (await attempt(known, rowOf)) ?? (known && (await attempt(await ours(), rowOf)));
    return known !== undefined;
  }

  async function attempt(etagsNow: readonly string[] | undefined, rowOf: (key: ClaimedKey) => Row) {
    if (!etagsNow) return undefined;
    const changes = keys.map((key, index): Change => ({
      kind: 'replace',
      name: key.name,
      row: rowOf(key),
      etag: etagsNow[index] ?? '',
    }));
    return table.change(partition, changes);
  }

  async function ours(): Promise<readonly string[] | undefined> {
    const rows = await Promise.all(keys.map(({ name }) => table.read(partition, name)));
    const all = rows.flatMap((row) => (row && row.holder === holder && !row.done ? [row.etag] : []));
    return all.length === keys.length ? all : undefined;
  }

  /** One after the other: each needs the ETags that the one before it left. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  }

  /** After the last write there is nothing left to hold. */
  async function finish(rowOf: (key: ClaimedKey) => Row): Promise<void> {
    await write(rowOf);
    known = undefined;
  }

  return {
    renew: () => inTurn(() => write(() => ({ until: after(leaseSeconds), holder, done: false }))),
    complete: () => inTurn(() => finish(({ seconds }) => ({ until: after(seconds), holder, done: true }))),
    // A transaction cannot remove a row on a condition; one that nobody holds is as good, until it is swept.
    release: () => inTurn(() => finish(() => ({ until: after(0), done: false }))),
  };
}

/** What a claim is made of: one row, or one more for what it has in common with others. */
export type ClaimedKey = { readonly name: string; readonly seconds: number };

type Found = ReadRow | undefined;

/** How often a row may change between a look at it and the attempt to write it. */
const ATTEMPTS = 3;

/**
 * Claims by inserting rows, which only one caller can. Where a row is there already it is read: settled, held by
 * somebody, or free to be taken over on the condition that it has not changed since.
 */
export function claims(table: Pick<Table, 'change' | 'read' | 'backFor'>, clock: Clock): Ledger['acquire'] {
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
    async function held(etags: readonly string[], asked: number): Promise<Acquisition> {
      const lease = heldClaim({ table, clock, partition, keys, holder, leaseSeconds }, etags);
      const isLate = clock.ticks() - asked >= leaseSeconds * 1000;
      return isLate && !(await lease.renew()) ? { state: 'busy' } : { state: 'acquired', lease };
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

function keysOf({ key, seconds = REMEMBERED_SECONDS, alias }: LedgerKey): [ClaimedKey, ClaimedKey?] {
  const named = (text: string, remembered: number) => ({ name: nameOf('claim', text), seconds: remembered });
  return alias ? [named(key, seconds), named(alias.key, alias.seconds)] : [named(key, seconds)];
}

const changeOf = (name: string, row: Row, found: Found): Change =>
  found ? { kind: 'replace', name, row, etag: found.etag } : { kind: 'insert', name, row };

/** Binds by inserting a row, which only one caller can; each name is a partition of its own. */
export function bindings(
  table: Pick<Table, 'change' | 'read'>,
  clock: Clock,
  outage: () => Error,
): Pick<Ledger, 'putIfAbsent' | 'get'> {
  const isOver = (row: ReadRow) => row.until.getTime() <= clock.now() * 1000;

  return {
    async get(name) {
      const row = await table.read(nameOf('binding', name), 'value');
      return row && !isOver(row) ? row.value : undefined;
    },
    async putIfAbsent(name, value, seconds) {
      const partition = nameOf('binding', name);
      const row = { until: new Date((clock.now() + seconds) * 1000), value };
      let found: ReadRow | undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const change: Change = found
          ? { kind: 'replace', name: 'value', row, etag: found.etag }
          : { kind: 'insert', name: 'value', row };
        if (await table.change(partition, [change])) return value;
        found = await table.read(partition, 'value');
        if (found && !isOver(found)) return found.value ?? '';
      }
      throw outage();
    },
  };
}

/**
 * The ledger that any number of instances share. Their clocks must agree to within half a lease: a claim is renewed when
 * a third of its lease has passed, so that two thirds of it are all that is ever left to a clock that is ahead.
 */
export function tableLedger(table: Table, clock: Clock): Ledger {
  const shared = { ...table, change: inTransactions(table) };
  return {
    acquire: claims(shared, clock),
    ...bindings(shared, clock, () => new Outage('ledger-unavailable')),
    warm: table.warm,
    isAvailable: table.isAvailable,
  };
}
