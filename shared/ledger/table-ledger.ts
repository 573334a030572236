import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Change, ReadRow, Row, Table } from './azure-table.ts';
import { batchedChange } from './batching.ts';
import { REMEMBERED_SECONDS, REPLY_SECONDS, checkReply } from './ledger.ts';
import type { Acquisition, LedgerKey, Lease, Ledger } from './ledger.ts';

/** How often a row may change between a read and the write that follows it. */
const MAX_ATTEMPTS = 3;

/**
 * A ledger that any number of instances share. Each key is a row, and each stored value too. A row is inserted only if it
 * is not there, and replaced only if its ETag is still the one that was read: of several writers, one wins.
 *
 * The clocks of the instances must agree to within half a lease. A holder renews its lease after a third of it, so at
 * least two thirds are left, more than such a clock is ahead.
 */
export function tableLedger(table: Table, clock: Clock): Ledger {
  const batched = { ...table, change: batchedChange(table) };
  return {
    acquire: acquireRows(batched, clock),
    ...storedValues(batched, clock),
    warm: table.warm,
    isAvailable: table.isAvailable,
  };
}

/** The row of a key, and how long the key stays done. */
type KeyRow = { readonly name: string; readonly seconds: number };

/**
 * Acquires a key by inserting its row, and the row of its alias with it. If a row exists, it is read: the key is done,
 * held by another caller, or free. A free row is replaced if it has not changed since.
 */
function acquireRows(table: Pick<Table, 'change' | 'read' | 'backFor'>, clock: Clock): Ledger['acquire'] {
  function stateOf(row: ReadRow | undefined, holder: string, leaseSeconds: number) {
    // Not there, or released.
    if (!row?.holder) return 'free';
    const isExpired = hasExpired(row, clock);
    if (row.done) return isExpired ? 'free' : 'done';
    if (row.holder === holder) return 'ours';
    // During an outage nobody could renew or complete a lease, so holders get the time of one lease to do it.
    return isExpired && table.backFor() >= leaseSeconds * 1000 ? 'free' : 'busy';
  }

  return async (key, leaseSeconds) => {
    const partition = nameOf('claims', key.partition ?? key.key);
    const rows = rowsOf(key);
    const holder = randomUUID();
    let found: readonly (ReadRow | undefined)[] = [];
    let askedAtMs = clock.ticks();

    const write = (written: readonly KeyRow[], rowOf: (row: KeyRow) => Row) =>
      table.change(
        partition,
        written.map((row, index) => changeOf(row.name, rowOf(row), found[index])),
      );

    async function acquired(etags: readonly string[]): Promise<Acquisition> {
      const lease = rowLease({ table, clock, partition, rows, holder, leaseSeconds, etags, askedAtMs });
      // If the answer took longer than the lease, another caller may have the key by now. A renewal tells.
      const isLate = clock.ticks() - askedAtMs >= leaseSeconds * 1000;
      return isLate && !(await lease.renew()) ? { state: 'busy' } : { state: 'acquired', lease };
    }

    // Most keys are new, so the first attempt inserts without a read.
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const states = rows.map((_row, index) => stateOf(found[index], holder, leaseSeconds));
      if (states[0] === 'done') return doneAs(found[0], clock);
      if (states.includes('busy')) return { state: 'busy' };
      // An earlier attempt wrote the rows, but its answer was lost.
      if (states[0] === 'ours') return acquired(found.map((row) => row?.etag ?? ''));
      if (states[1] === 'done') {
        // Another delivery completed the alias. This key must stay done after the alias is forgotten.
        const isWritten = await write(rows.slice(0, 1), ({ seconds }) => ({
          ...replyOf(found[1]),
          until: dateIn(seconds, clock),
          holder,
          done: true,
        }));
        if (isWritten) return doneAs(found[1], clock);
      } else {
        askedAtMs = clock.ticks();
        const etags = await write(rows, () => ({ until: dateIn(leaseSeconds, clock), holder, done: false }));
        if (etags) return acquired(etags);
      }
      found = await Promise.all(rows.map(({ name }) => table.read(partition, name)));
    }
    return { state: 'busy' };
  };
}

const replyOf = ({ reply, replyUntil }: Partial<Row> = {}) =>
  reply !== undefined && replyUntil ? { reply, replyUntil } : {};

function doneAs(row: Row | undefined, clock: Clock): Acquisition {
  const { reply, replyUntil } = replyOf(row);
  if (!replyUntil || replyUntil.getTime() <= clock.now() * 1000) return { state: 'done' };
  return { state: 'done', reply };
}

function rowsOf({ key, seconds = REMEMBERED_SECONDS, alias }: LedgerKey): readonly KeyRow[] {
  const keys = alias ? [{ key, seconds }, alias] : [{ key, seconds }];
  return keys.map((one) => ({ name: nameOf('claim', one.key), seconds: one.seconds }));
}

/** A lease of rows. It holds them as long as their `holder` is its own id. */
function rowLease(held: {
  readonly table: Pick<Table, 'change' | 'read'>;
  readonly clock: Clock;
  readonly partition: string;
  readonly rows: readonly KeyRow[];
  readonly holder: string;
  readonly leaseSeconds: number;
  /** Of the rows as they were written. */
  readonly etags: readonly string[];
  /** When they were written. */
  readonly askedAtMs: number;
}): Lease {
  const { table, clock, partition, rows, holder, leaseSeconds } = held;
  /** Of the rows as they were last written; `undefined` once the lease has ended. */
  let etags: readonly string[] | undefined = held.etags;
  let confirmedAt = held.askedAtMs;
  let lastWrite: Promise<unknown> = Promise.resolve();

  /** Writes all rows if the lease still holds them, and tells whether it did. */
  async function write(rowOf: (row: KeyRow) => Row): Promise<boolean> {
    const askedAt = clock.ticks();
    // If the rows have changed, this lease itself may have changed them: a write whose answer was lost.
    etags = (await replace(etags, rowOf)) ?? (etags && (await replace(await readOurs(rowOf), rowOf)));
    if (etags !== undefined) confirmedAt = askedAt;
    return etags !== undefined;
  }

  async function replace(expected: readonly string[] | undefined, rowOf: (row: KeyRow) => Row) {
    if (!expected) return undefined;
    const changes = rows.map((row, index): Change => ({
      kind: 'replace',
      name: row.name,
      row: rowOf(row),
      etag: expected[index] ?? '',
    }));
    return table.change(partition, changes);
  }

  /** A done row stays done, even if the answer to `complete` was lost. */
  async function readOurs(rowOf: (row: KeyRow) => Row): Promise<readonly string[] | undefined> {
    const found = await Promise.all(rows.map(({ name }) => table.read(partition, name)));
    const ours = found.flatMap((row, index) =>
      row?.holder === holder && (!row.done || rowOf(rows[index] as KeyRow).done) ? [row.etag] : [],
    );
    return ours.length === rows.length ? ours : undefined;
  }

  /** One write after the other: each needs the ETags of the one before. */
  function inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastWrite.then(work);
    lastWrite = result.catch(() => {});
    return result;
  }

  /** After the last write the lease holds nothing. */
  async function end(rowOf: (row: KeyRow) => Row): Promise<boolean> {
    const isOurs = await write(rowOf);
    etags = undefined;
    return isOurs;
  }

  return {
    renew: () => inOrder(() => write(() => ({ until: dateIn(leaseSeconds, clock), holder, done: false }))),
    async complete(reply) {
      checkReply(reply);
      const kept = reply === undefined ? {} : { reply, replyUntil: dateIn(REPLY_SECONDS, clock) };
      return inOrder(() =>
        end(({ seconds }) => ({ ...kept, until: dateIn(seconds, clock), holder, done: true })),
      );
    },
    // A transaction cannot remove a row on condition of its ETag. A row without a holder is free, and cleaned up later.
    async release() {
      await inOrder(() => end(() => ({ until: dateIn(0, clock), done: false })));
    },
    confirmedAt: () => confirmedAt,
  };
}

/** Stores values in rows. Each name has its own partition. */
function storedValues(
  table: Pick<Table, 'change' | 'read'>,
  clock: Clock,
): Pick<Ledger, 'get' | 'putIfAbsent'> {
  return {
    async get(name) {
      const row = await table.read(nameOf('binding', name), 'value');
      return row && !hasExpired(row, clock) ? row.value : undefined;
    },
    async putIfAbsent(name, value, seconds) {
      const partition = nameOf('binding', name);
      const row = { until: dateIn(seconds, clock), value };
      let found: ReadRow | undefined;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        if (await table.change(partition, [changeOf('value', row, found)])) return value;
        found = await table.read(partition, 'value');
        if (found && !hasExpired(found, clock)) return found.value ?? '';
      }
      throw new Outage('ledger-unavailable');
    },
  };
}

/**
 * The name of a row or partition for any text. The service accepts no slash, no question mark and at most a kibibyte. A
 * hash also spreads the partitions evenly.
 *
 * The names are stored data: do not change the kinds, or an update of a running deployment forgets what it handled.
 */
const nameOf = (kind: 'claims' | 'claim' | 'binding', text: string) =>
  `${kind}-${createHash('sha256').update(text).digest('base64url')}`;

const dateIn = (seconds: number, clock: Clock) => new Date((clock.now() + seconds) * 1000);

const hasExpired = (row: Row, clock: Clock) => row.until.getTime() <= clock.now() * 1000;

const changeOf = (name: string, row: Row, found: ReadRow | undefined): Change =>
  found ? { kind: 'replace', name, row, etag: found.etag } : { kind: 'insert', name, row };
