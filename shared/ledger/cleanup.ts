import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { RowKey, Table } from './azure-table.ts';
import type { Ledger } from './ledger.ts';

/**
 * Asks the table three times in a lease for as long as the process lives, whether or not there are deliveries: an instance
 * that had nothing to ask during an outage must know of it too, before it takes over a claim that nobody could renew
 * meanwhile. A read costs the table next to nothing, and keeps the connection open for the next delivery.
 */
export async function keepAsking(
  table: Pick<Table, 'warm'>,
  leaseSeconds: number,
  clock: Clock,
): Promise<never> {
  for (;;) {
    await clock.sleep((leaseSeconds * 1000) / 3);
    await table.warm();
  }
}

/** A row whose time is over lies there for an hour at least, so that no clock's error matters. Seconds. */
const MARGIN = 3600;
/** One instance sweeps every so often, whichever comes first. Seconds. */
const EVERY = 6 * 3600;
/** An instance looks whether it is its turn so often, give or take. Seconds. */
const LOOK = 600;
/** A sweep that crashed is taken up again after this. Seconds. */
const LEASE = 900;
/** Rows that are removed at a time: nobody waits for it, and deliveries need the table too. */
const AT_ONCE = 8;

/**
 * Removes rows whose time is over, in the background: the service forgets none by itself. The instances take turns by a
 * claim in the ledger itself. It reads through the whole table, a thousand rows a request, and costs a delivery nothing.
 *
 * @returns how many were removed; `undefined` where it is not this instance's turn
 */
export async function sweep(table: Table, ledger: Pick<Ledger, 'acquire'>, clock: Clock, note: Note) {
  const claim = await ledger.acquire({ key: 'sweep', seconds: EVERY }, LEASE);
  if (claim.state !== 'acquired') return undefined;
  const { lease } = claim;
  let removed = 0;
  let renewedAt = clock.ticks();
  let rows: RowKey[] = [];
  async function remove(): Promise<void> {
    await Promise.all(rows.map((row) => table.remove(row)));
    removed += rows.length;
    rows = [];
    if (clock.ticks() - renewedAt < (LEASE * 1000) / 3) return;
    renewedAt = clock.ticks();
    await lease.renew();
  }
  for await (const row of table.expired(new Date((clock.now() - MARGIN) * 1000))) {
    rows.push(row);
    if (rows.length === AT_ONCE) await remove();
  }
  await remove();
  await lease.complete();
  note('info', 'ledger-swept', { removed });
  return removed;
}

/** Sweeps for as long as the process lives. A sweep that fails is left to the next turn. */
export async function keepSweeping(
  table: Table,
  ledger: Pick<Ledger, 'acquire'>,
  clock: Clock,
  note: Note,
  random: () => number,
): Promise<never> {
  for (;;) {
    // Instances that started together do not come together.
    await clock.sleep((0.1 + random()) * LOOK * 1000);
    try {
      await sweep(table, ledger, clock, note);
    } catch (thrown) {
      // Of an outage the log tells anyway.
      if (!(thrown instanceof Outage))
        note('warn', 'ledger-sweep-failed', { why: (thrown as Error).message });
    }
  }
}
