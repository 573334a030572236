import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { ExpiredRow, Table } from './azure-table.ts';
import type { Ledger } from './ledger.ts';

/** A row is kept for an hour after it expired, so that no clock error matters. */
const MARGIN_SECONDS = 3600;
/** One instance cleans up in this time. */
const INTERVAL_SECONDS = 6 * 3600;
/** An instance checks whether a cleanup is due about this often. */
const CHECK_SECONDS = 600;
/** After a crash, another instance takes over the cleanup when this lease expires. */
const LEASE_SECONDS = 900;
/** Rows that are removed in parallel. Few: nobody waits for a cleanup, and deliveries need the table too. */
const PARALLEL_REMOVALS = 8;

/**
 * Asks the table three times in a lease, as long as the process lives, with or without deliveries. An instance that had
 * nothing to ask during an outage must notice it too, before it takes over a lease that nobody could renew meanwhile. A
 * read costs almost nothing, and keeps the connection open for the next delivery.
 */
export async function heartbeat(
  table: Pick<Table, 'warm'>,
  leaseSeconds: number,
  clock: Clock,
): Promise<never> {
  for (;;) {
    await clock.sleep((leaseSeconds * 1000) / 3);
    await table.warm();
  }
}

/** Cleans up as long as the process lives. A failed cleanup is repeated at the next check that is due. */
export async function keepCleanedUp(
  table: Table,
  ledger: Pick<Ledger, 'acquire'>,
  clock: Clock,
  note: Note,
  random: () => number,
): Promise<never> {
  for (;;) {
    // A random pause, so that instances that started together do not check together.
    await clock.sleep((0.1 + random()) * CHECK_SECONDS * 1000);
    try {
      await cleanUpExpired(table, ledger, clock, note);
    } catch (thrown) {
      // An outage is in the log already.
      if (!(thrown instanceof Outage))
        note('warn', 'ledger-sweep-failed', { why: (thrown as Error).message });
    }
  }
}

/**
 * Removes expired rows, since the service expires none itself. The instances take turns by a key in the ledger. A cleanup
 * reads the whole table, a thousand rows a request, and delays no delivery.
 *
 * @returns how many rows were removed; `undefined` if it is not the turn of this instance
 */
export async function cleanUpExpired(
  table: Table,
  ledger: Pick<Ledger, 'acquire'>,
  clock: Clock,
  note: Note,
): Promise<number | undefined> {
  // The key is stored data, like the names of rows in table-ledger.ts.
  const turn = await ledger.acquire({ key: 'sweep', seconds: INTERVAL_SECONDS }, LEASE_SECONDS);
  if (turn.state !== 'acquired') return undefined;
  const { lease } = turn;
  let removed = 0;
  let renewedAtMs = clock.ticks();
  let rows: ExpiredRow[] = [];
  async function removeRows(): Promise<void> {
    await Promise.all(rows.map((row) => table.clear(row)));
    removed += rows.length;
    rows = [];
    if (clock.ticks() - renewedAtMs < (LEASE_SECONDS * 1000) / 3) return;
    renewedAtMs = clock.ticks();
    await lease.renew();
  }
  for await (const row of table.expired(new Date((clock.now() - MARGIN_SECONDS) * 1000))) {
    rows.push(row);
    if (rows.length === PARALLEL_REMOVALS) await removeRows();
  }
  await removeRows();
  await lease.complete();
  note('info', 'ledger-swept', { removed });
  return removed;
}
