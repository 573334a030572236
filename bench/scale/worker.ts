import { randomUUID } from 'node:crypto';
import { openTable } from '../../shared/ledger/azure-table.ts';
import { deliveries } from '../deliveries.ts';
import type { BenchCall } from '../deliveries.ts';

// One process of scale.ts, with the ledger in the table that `LEDGER_TABLE_URL` names.

/**
 * Delivers `count` times, with so many events each; of this call, or of calls of its own. Without events it does what a
 * delivery must ask of a table at least, with the SDK alone: one insert and one update.
 */
export type Order = { readonly count: number; readonly events: number; readonly call?: BenchCall };
/** CPU in seconds. */
export type Done = { readonly cpu: number };

/** Deliveries in flight at a time. */
const IN_FLIGHT = 4;

const deliver = deliveries(
  { LEDGER: 'table', LEDGER_TABLE_URL: process.env['LEDGER_TABLE_URL'] ?? '', LEDGER_OUTAGE: 'refuse' },
  () => {},
);

const table = await openTable(process.env['LEDGER_TABLE_URL'] ?? '', 'azurite');

async function insertAndUpdate(): Promise<void> {
  const row = { partitionKey: randomUUID(), rowKey: 'row', until: new Date() };
  const { etag = '' } = await table.createEntity(row);
  await table.updateEntity({ ...row, done: true }, 'Replace', { etag });
}

process.on('message', async ({ count, events, call }: Order) => {
  const before = process.cpuUsage();
  let left = count;
  const work = async () => {
    while (left-- > 0) await (events === 0 ? insertAndUpdate() : deliver(events, call));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpu: (user + system) / 1e6 } satisfies Done);
});
process.on('disconnect', () => process.exit());
process.send?.({});
