import { randomUUID } from 'node:crypto';
import { startAzurite } from '../local/fakes/azurite.ts';
import { newReference } from '../shared/calls/uris.ts';
import { systemClock as clock } from '../shared/clock.ts';
import type { Ledger } from '../shared/ledger/ledger.ts';
import { twoTierLedger } from '../shared/ledger/two-tier.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { azureTable, openTable } from '../shared/ledger/azure-table.ts';
import { tableLedger } from '../shared/ledger/table-ledger.ts';
import { genuineDoor, newEvent } from './genuine-door.ts';
import { publish } from './harness/report.ts';
import { quantile, told } from './harness/statistics.ts';

// What the table adds to a delivery: the same deliveries through the pipeline (without the checks) with the ledger in
// memory and in a table that Azurite plays on this machine, in turns. One bare request to the table is the limit: a
// delivery waits for one before its handler and for one after.
//
//     npm run bench -- table-latency
const DELIVERIES = Number(process.argv[2] ?? 2000);
const ROUND = 100;

const azurite = await startAzurite();
const open = () => openTable(azurite.url, 'azurite');
const table = azureTable({ open, clock, note: () => {} });
await table.warm();
const bare = await open();

const reference = newReference();
const call = randomUUID();
const doorWith = (ledger: Ledger) =>
  genuineDoor(
    ledger,
    () => reference,
    () => {},
  );
const inMemory = doorWith(memoryLedger(clock));
const inTable = doorWith(twoTierLedger(tableLedger(table, clock), memoryLedger(clock), 'refuse', clock));
const contenders = {
  memory: async () => void (await inMemory(newEvent(call))),
  table: async () => void (await inTable(newEvent(call))),
  'one bare insert': async () =>
    void (await bare.createEntity({ partitionKey: randomUUID(), rowKey: 'row', until: new Date() })),
};

const times = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
for (let done = 0; done < DELIVERIES; done += ROUND) {
  for (const [name, deliver] of Object.entries(contenders)) {
    for (let turn = 0; turn < ROUND; turn++) {
      const started = performance.now();
      await deliver();
      times.get(name)?.push(performance.now() - started);
    }
  }
}

const timed = (name: string, at: number) =>
  quantile(
    (times.get(name) ?? []).toSorted((a, b) => a - b),
    at,
  );
await publish({
  title: 'The ledger in a table',
  about: `${DELIVERIES} deliveries each through the pipeline without its checks, one after the other, with the ledger in
memory and in a table that Azurite plays on this machine, in turns. A delivery waits for the table twice: before its handler
two requests go out together, and one after it. One bare insert is the limit of one request. Milliseconds.`,
  tables: [
    {
      title: 'A delivery',
      columns: ['', 'p50 ms', 'p95 ms', 'p50 / bare insert'],
      rows: [...times.keys()].map((name) => [
        name,
        told(timed(name, 0.5)),
        told(timed(name, 0.95)),
        told(timed(name, 0.5) / timed('one bare insert', 0.5)),
      ]),
      plot: {
        unit: 'ms, p50',
        bars: [...times.keys()].map((name) => ({ name: `${name}`, value: timed(name, 0.5) })),
      },
    },
  ],
});
await azurite.close();
