import type { Clock } from '../../clock.ts';
import type { Lease } from '../ledger.ts';
import type { ClaimedKey } from './claims.ts';
import type { Change, Row, Table } from './table.ts';

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
    settle: () => inTurn(() => finish(({ seconds }) => ({ until: after(seconds), holder, done: true }))),
    // A transaction cannot remove a row on a condition; one that nobody holds is as good, until it is swept.
    release: () => inTurn(() => finish(() => ({ until: after(0), done: false }))),
  };
}
