import { hash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { ReadRow, Row, RowKey, Table } from './azure-table.ts';
import { REMEMBERED_SECONDS, REPLY_SECONDS, checkReply } from './ledger.ts';
import type { Acquisition, LedgerKey, Lease, Ledger } from './ledger.ts';

/** How often a row may change between a read and the write that follows it. */
const MAX_ATTEMPTS = 5;

/**
 * A ledger that any number of instances share. Each key is a row, and each stored value too. A row is inserted only if it
 * is not there, and replaced or removed only if its ETag is still the one that was read: of several writers, one wins.
 *
 * The clocks of the instances must agree to within half a lease. A holder renews its lease after a third of it, so at
 * least two thirds are left, more than such a clock is ahead.
 */
export function tableLedger(table: Table, clock: Clock): Ledger {
  return {
    acquire: acquireRows(table, clock),
    async get(name) {
      const row = await table.read(valueRowOf(name));
      return row && !hasExpired(row, clock) ? row.value : undefined;
    },
    async putIfAbsent(name, value, seconds) {
      const key = valueRowOf(name);
      const row = { until: dateIn(seconds, clock), value };
      let found: ReadRow | undefined;
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        if (await table.write(key, row, found?.etag)) return value;
        found = await table.read(key);
        if (found && !hasExpired(found, clock)) return found.value ?? '';
      }
      throw new Outage('ledger-unavailable');
    },
    warm: table.warm,
    isAvailable: table.isAvailable,
  };
}

/** The row of a key, and how long the key stays done. */
type KeyRow = RowKey & { readonly seconds: number };

/** A row that a caller got, and when it asked for it. */
type OwnRow = KeyRow & { readonly state: 'ours'; readonly etag: string; readonly askedAt: number };

/** What a caller found instead. */
type OtherRow = { readonly state: 'done' | 'busy'; readonly found?: ReadRow | undefined };

/**
 * Acquires a key by inserting its row, and at the same time the row of its alias. If a row exists, it is read: it is done,
 * held by another caller, or free. A free row is replaced if it has not changed since.
 *
 * Of several callers with one alias, the one that gets the row of the alias wins. It also gets the row of its key, and the
 * others give theirs back.
 */
function acquireRows(
  table: Pick<Table, 'write' | 'read' | 'remove' | 'isAvailable' | 'backFor'>,
  clock: Clock,
): Ledger['acquire'] {
  return async (key, leaseSeconds) => {
    const holder = randomUUID();
    const rows = rowsOf(key);
    const [row, aliasRow] = rows;
    const leased = (): Row => ({
      until: dateIn(leaseSeconds, clock),
      holder,
      done: false,
      ...(aliasRow && { alias: aliasRow.name }),
    });

    function stateOf(found: ReadRow | undefined) {
      // Not there, or released by an earlier version.
      if (!found?.holder) return 'free';
      const isExpired = hasExpired(found, clock);
      if (found.done) return isExpired ? 'free' : 'done';
      if (found.holder === holder) return 'ours';
      // During an outage nobody could renew or complete a lease, so holders get the time of one lease to do it.
      return isExpired && table.backFor() >= leaseSeconds * 1000 ? 'free' : 'busy';
    }

    /** @param overrules whether a row that another caller holds is replaced all the same */
    async function take(
      wanted: KeyRow,
      from?: ReadRow,
      overrules: (other: ReadRow) => boolean = () => false,
    ): Promise<OwnRow | OtherRow> {
      let found = from;
      let askedAt = clock.ticks();
      // Most keys are new, so the first attempt inserts without a read.
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const state = stateOf(found);
        // An earlier attempt wrote the row, but its answer was lost.
        if (found && state === 'ours') return { ...wanted, state, etag: found.etag, askedAt };
        if (state === 'done') return { state, found };
        if (found && state === 'busy' && !overrules(found)) return { state, found };
        askedAt = clock.ticks();
        const etag = await table.write(wanted, leased(), found?.etag);
        if (etag) return { ...wanted, state: 'ours', etag, askedAt };
        found = await table.read(wanted);
      }
      return BUSY;
    }

    /** While the alias is ours, another caller with the same alias cannot keep the row of the key. */
    const takeFrom = (found: ReadRow | undefined) =>
      take(row, found, (other) => other.alias === aliasRow?.name);

    async function acquired(rows: readonly OwnRow[]): Promise<Acquisition> {
      const askedAt = Math.min(...rows.map((one) => one.askedAt));
      const lease = rowLease({ table, clock, rows, holder, leaseSeconds, askedAt });
      // If the answer took longer than the lease, another caller may have the key by now. A renewal tells.
      const isLate = clock.ticks() - askedAt >= leaseSeconds * 1000;
      return isLate && !(await lease.renew()) ? { state: 'busy' } : { state: 'acquired', lease };
    }

    const [first = BUSY, alias] = await onEach(rows, (wanted) => take(wanted), table);
    const own = first.state === 'busy' && alias?.state === 'ours' ? await takeFrom(first.found) : first;
    if (own.state === 'ours' && alias?.state === 'done') {
      // Another delivery completed the alias. This key must stay done after the alias is forgotten.
      const done = { ...replyOf(alias.found), until: dateIn(row.seconds, clock), holder, done: true };
      await table.write(row, done, own.etag);
      return doneAs(alias.found, clock);
    }
    const ours = [own, alias].filter((one) => one?.state === 'ours');
    if (own.state === 'ours' && ours.length === (aliasRow ? 2 : 1)) return acquired(ours);
    // A row that cannot be given back is free when its lease expires.
    await Promise.allSettled(ours.map((one) => table.remove(one, one.etag)));
    return own.state === 'done' ? doneAs(own.found, clock) : { state: 'busy' };
  };
}

const BUSY: OtherRow = { state: 'busy' };

function rowsOf({ key, seconds = REMEMBERED_SECONDS, alias }: LedgerKey): readonly [KeyRow, ...KeyRow[]] {
  const row = { ...rowOf(key), seconds };
  return alias ? [row, { ...rowOf(alias.key), seconds: alias.seconds }] : [row];
}

const replyOf = ({ reply, replyUntil }: Partial<Row> = {}) =>
  reply !== undefined && replyUntil ? { reply, replyUntil } : {};

function doneAs(row: Row | undefined, clock: Clock): Acquisition {
  const { reply, replyUntil } = replyOf(row);
  if (!replyUntil || replyUntil.getTime() <= clock.now() * 1000) return { state: 'done' };
  return { state: 'done', reply };
}

/**
 * Asks the table about several rows at once. During an outage one question alone probes the table, and a row after it waits for
 * its end. Ends when there is an answer about each row, or throws an `Outage`.
 */
async function onEach<Of, Answer>(
  rows: readonly Of[],
  question: (row: Of) => Promise<Answer>,
  table: Pick<Table, 'isAvailable'>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  for (const row of rows) {
    if (!table.isAvailable()) await Promise.allSettled(answers);
    answers.push(question(row));
  }
  await Promise.allSettled(answers);
  return Promise.all(answers);
}

/** A lease of rows. It holds them as long as their `holder` is its own id. */
function rowLease(held: {
  readonly table: Pick<Table, 'write' | 'read' | 'remove' | 'isAvailable'>;
  readonly clock: Clock;
  readonly rows: readonly OwnRow[];
  readonly holder: string;
  readonly leaseSeconds: number;
  readonly askedAt: number;
}): Lease {
  const { table, clock, holder, leaseSeconds } = held;
  /** `etag` is that of the last write, `undefined` once the lease does not hold the row any more. */
  const rows = held.rows.map((row): KeyRow & { etag: string | undefined } => ({ ...row }));
  let confirmedAt = held.askedAt;
  let lastWrite: Promise<unknown> = Promise.resolve();
  type Held = (typeof rows)[number];

  /** Changes a row if the lease still holds it. @returns what `write` does: the new ETag */
  async function change<Result>(
    row: Held,
    isDone: boolean,
    write: (etag: string) => Promise<Result | undefined>,
  ) {
    let { etag } = row;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && etag !== undefined; attempt++) {
      const result = await write(etag);
      if (result) return result;
      // If the row has changed, this lease itself may have changed it: a write whose answer was lost. A done row stays done.
      const found = await table.read(row);
      etag = found?.holder === holder && (isDone || !found.done) ? found.etag : undefined;
    }
    return undefined;
  }

  /** Writes all rows if the lease still holds them, and tells whether it did. */
  async function writeAll(rowFor: (row: Held) => Row & { done: boolean }): Promise<boolean> {
    const askedAt = clock.ticks();
    await onEach(
      rows,
      async (row) => {
        const next = rowFor(row);
        row.etag = await change(row, next.done, (etag) => table.write(row, next, etag));
      },
      table,
    );
    const isOurs = rows.every(({ etag }) => etag !== undefined);
    if (isOurs) confirmedAt = askedAt;
    else await removeAll();
    return isOurs;
  }

  async function removeAll(): Promise<void> {
    await onEach(
      rows,
      async (row) => {
        await change(row, false, (etag) => table.remove(row, etag));
        row.etag = undefined;
      },
      table,
    );
  }

  /** One write after the other: each needs the ETags of the one before. */
  function inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastWrite.then(work);
    lastWrite = result.catch(() => {});
    return result;
  }

  return {
    renew: () => inOrder(() => writeAll(() => ({ until: dateIn(leaseSeconds, clock), holder, done: false }))),
    async complete(reply) {
      checkReply(reply);
      return inOrder(async () => {
        const kept = reply === undefined ? {} : { reply, replyUntil: dateIn(REPLY_SECONDS, clock) };
        const isOurs = await writeAll(({ seconds }) => ({
          ...kept,
          until: dateIn(seconds, clock),
          holder,
          done: true,
        }));
        // After this the lease holds nothing.
        for (const row of rows) row.etag = undefined;
        return isOurs;
      });
    },
    release: () => inOrder(removeAll),
    confirmedAt: () => confirmedAt,
  };
}

/** Each key has a partition of its own, so that the service can spread them. */
function rowOf(key: string): RowKey {
  const name = hashOf(key);
  return { partition: `claims-${name}`, name: `claim-${name}` };
}

/** A stored value has a partition of its own, too. */
const valueRowOf = (name: string): RowKey => ({ partition: `binding-${hashOf(name)}`, name: 'value' });

/**
 * A name for any text. The service accepts no slash, no question mark and at most a kibibyte. A hash also spreads the
 * partitions evenly.
 *
 * The names are stored data: do not change them, or an update of a running deployment forgets what it handled.
 */
const hashOf = (text: string) => hash('sha256', text, 'base64url');

const dateIn = (seconds: number, clock: Clock) => new Date((clock.now() + seconds) * 1000);

const hasExpired = (row: Row, clock: Clock) => row.until.getTime() <= clock.now() * 1000;
