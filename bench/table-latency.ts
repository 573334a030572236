import { randomUUID } from 'node:crypto';
import { startAzurite } from '../local/fakes/azurite.ts';
import { openTable } from '../shared/ledger/azure-table.ts';
import { deliveries } from './deliveries.ts';
import { publish } from './harness/report.ts';
import { quantile } from './harness/statistics.ts';

// What a table adds to a delivery: the same deliveries with the ledger in memory and in a table of Azurite on this
// machine, in turns.
//
//     npm run bench -- table-latency [--long]
const DELIVERIES = Number(process.argv[2] ?? 2000);
const ROUND = 100;

const azurite = await startAzurite();
const inTable = { LEDGER: 'table', LEDGER_TABLE_URL: azurite.url, LEDGER_OUTAGE: 'refuse' };
const table = await openTable(azurite.url, 'azurite');
const measured = {
  memory: { work: deliveries({}, () => {}), times: [] as number[] },
  table: { work: deliveries(inTable, () => {}), times: [] as number[] },
  'one bare insert': {
    work: () => table.createEntity({ partitionKey: randomUUID(), rowKey: 'row', until: new Date() }),
    times: [] as number[],
  },
};
// The first delivery creates the table.
await measured.table.work();

for (let done = 0; done < DELIVERIES; done += ROUND) {
  for (const { work, times } of Object.values(measured)) {
    for (let turn = 0; turn < ROUND; turn++) {
      const started = performance.now();
      await work();
      times.push(performance.now() - started);
    }
  }
}

const sorted = (times: readonly number[]) => times.toSorted((one, other) => one - other);
const bare = quantile(sorted(measured['one bare insert'].times), 0.5);
await publish({
  title: 'The ledger in a table',
  about: `${DELIVERIES} deliveries each through the pipeline without its checks, one after the other, with the ledger in memory
and in a table of Azurite on this machine, in turns. A delivery waits for the table twice: two requests go out together before its
handler, and one after it. One bare insert is the time of a single request.`,
  tables: [
    {
      title: 'A delivery',
      columns: ['', 'p50 ms', 'p95 ms', 'p50 / bare insert'],
      rows: Object.entries(measured).map(([name, { times }]) => {
        const all = sorted(times);
        return [name, quantile(all, 0.5), quantile(all, 0.95), quantile(all, 0.5) / bare];
      }),
    },
  ],
});
await azurite.close();
// The ledger's heartbeat would keep on asking a table that is gone.
process.exit();
