import type { Clock } from '../../clock.ts';
import type { Table } from './table.ts';

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
