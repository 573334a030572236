import { randomUUID } from 'node:crypto';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { systemClock as clock } from '../shared/clock.ts';
import { AZURITE, azureTable, openTable } from '../shared/ledger/azure-table.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { tableLedger } from '../shared/ledger/table-ledger.ts';
import { twoTierLedger } from '../shared/ledger/two-tier.ts';
import { deliveries } from './deliveries.ts';
import { end, messageOf, startOn } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import { cpuOfEach, medianRatio, quantile, spreadOf } from './harness/statistics.ts';

// What the ledger in a table costs, beside one insert by the client of the SDK as it is without any options.
//
//     npm run bench -- ledger [--long]
const ROUNDS = Number(process.argv[2] ?? 30);
const TURNS = 100;

/** In a process of its own, so that its CPU is not counted. */
const azurite = startOn(undefined, `${import.meta.dirname}/ledger/azurite.ts`);
const { url } = await messageOf<{ url: string }>(azurite);

const environment = { LEDGER: 'table', LEDGER_TABLE_URL: url, LEDGER_OUTAGE: 'refuse' };
const table = azureTable({ open: () => openTable(url, 'azurite'), clock, note: () => {} });
const ledger = twoTierLedger(tableLedger(table, clock), memoryLedger(clock), 'refuse', clock, () => {});
const client = new TableClient(url, 'bare', new AzureNamedKeyCredential(AZURITE.name, AZURITE.key), {
  allowInsecureConnection: true,
});
await client.createTable();

/** The row of a lease. */
const row = () => ({
  partitionKey: `claims-${randomUUID()}`,
  rowKey: `claim-${randomUUID()}`,
  until: new Date(),
  holder: randomUUID(),
  done: false,
});

async function acquireAndComplete(): Promise<void> {
  const acquisition = await ledger.acquire({ key: randomUUID() }, 8);
  if (acquisition.state !== 'acquired') throw new Error(acquisition.state);
  await acquisition.lease.complete();
}

const subjects = {
  'one `createEntity`': () => client.createEntity(row()),
  'a delivery, ledger in memory': deliveries({}, () => {}),
  'a delivery': deliveries(environment, () => {}),
  'the ledger’s part: acquire and complete': acquireAndComplete,
};
type Subject = keyof typeof subjects;
const cpus = new Map<string, number[]>();
const times = new Map<string, number[]>();

for (let round = -2; round < ROUNDS; round++) {
  if (round % 10 === 0) progress(`round ${round} of ${ROUNDS}`);
  for (const [subject, work] of Object.entries(subjects)) {
    const own: number[] = [];
    const before = process.cpuUsage();
    for (let turn = 0; turn < TURNS; turn++) {
      const started = performance.now();
      await work();
      own.push(performance.now() - started);
    }
    const cpu = cpuOfEach(TURNS, before);
    // The first rounds connect, and nothing is compiled yet.
    if (round < 0) continue;
    cpus.set(subject, [...(cpus.get(subject) ?? []), cpu]);
    times.set(subject, [
      ...(times.get(subject) ?? []),
      quantile(
        own.toSorted((one, other) => one - other),
        0.5,
      ),
    ]);
  }
}

const BARE = 'one `createEntity`' satisfies Subject;
const ratioOf = (measured: Map<string, number[]>, subject: Subject) =>
  medianRatio(measured.get(subject), measured.get(BARE));
await publish({
  title: 'The ledger in a table',
  about: `${ROUNDS * TURNS} of each, in turns of ${TURNS}, one after the other, with a table of Azurite in another process of this
machine. A delivery goes through the pipeline without its checks; it waits for the table once before its handler and once after it.
\`createEntity\` is that of a \`TableClient\` of \`@azure/data-tables\` without options. Medians and quartiles; ratios are medians of those
round by round.`,
  tables: [
    {
      title: 'Cost',
      columns: ['', 'CPU µs', 'p50 ms', 'CPU / createEntity', 'p50 / createEntity'],
      rows: (Object.keys(subjects) as Subject[]).map((subject) => [
        subject,
        spreadOf(cpus.get(subject) ?? []),
        spreadOf(times.get(subject) ?? []),
        ratioOf(cpus, subject),
        ratioOf(times, subject),
      ]),
    },
  ],
  limits: [
    { what: 'CPU of a delivery, of one createEntity', value: ratioOf(cpus, 'a delivery'), atMost: 2.6 },
    {
      what: 'CPU of the ledger’s part, of one createEntity',
      value: ratioOf(cpus, 'the ledger’s part: acquire and complete'),
      atMost: 2.1,
    },
    { what: 'p50 of a delivery, of one createEntity', value: ratioOf(times, 'a delivery'), atMost: 2.4 },
  ],
});
await end(azurite);
// The ledger's heartbeat would keep on asking a table that is gone.
process.exit();
