import { billableMs, perMillion, priceOf, prices, PRICES_READ_ON } from './cost/prices.ts';
import type { Instance } from './cost/prices.ts';
import { staged, timed } from './cost/staged.ts';
import { progress, publish } from './harness/report.ts';
import { quantile } from './harness/statistics.ts';

// What a million deliveries cost: the staged app takes deliveries with its ledger in a table, and a table of prices turns
// what they need into dollars.
//
//     npm run bench -- cost
const WARM_UP = 50;
const DELIVERIES = Number(process.argv[2] ?? 500);

/** Around the text of an entry: 1.6 KB less the 0.8 KB of the entry that was measured (docs/telemetry.md). */
const ENVELOPE_BYTES = 800;
/** The host's own record of a request, where `Host.Results` is at Information (docs/telemetry.md). */
const REQUEST_RECORD_BYTES = 1100;
/** IncomingCall, CallConnected, ParticipantsUpdated, PlayStarted, PlayCompleted, CallDisconnected. */
const DELIVERIES_PER_CALL = 6;
/** The line that the sample handlers log for a call. */
const HANDLER_LINE_BYTES = ENVELOPE_BYTES + Buffer.byteLength('answered');
const RATES = { 'one a minute': 1 / 60, 'one a second': 1, '50 a second': 50 };
const DETAILS = ['full', 'all', 'exceptions'] as const;

const app = await staged();
const runs: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const detail of DETAILS) {
  progress(`DELIVERY_LOG=${detail}`);
  runs[detail] = await measure(detail);
}
await app.close();

async function measure(detail: string) {
  const running = await app.start({ DELIVERY_LOG: detail });
  await running.healthy();
  const requests = await app.callbacks(WARM_UP + DELIVERIES);
  for (const one of requests.slice(0, WARM_UP)) await timed(one);
  const [before, from] = [app.tableRequests(), running.lines.length];
  const took: number[] = [];
  for (const one of requests.slice(WARM_UP)) took.push(await timed(one));
  const tableTransactions = (app.tableRequests() - before) / DELIVERIES;
  await running.stop();
  const lines = running.lines.slice(from);
  // Quotation marks are escaped on their way.
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)) - 2, 0);
  return { took, tableTransactions, entries: lines.length / DELIVERIES, bytes: bytes / DELIVERIES };
}

const run = (detail: string) => runs[detail]!;
const { took, tableTransactions } = run('all');

/** Billable milliseconds of a delivery: each time that was measured, laid out at this rate. */
function billable(perSecond: number): number {
  const executions = took.map((ms, index) => {
    const start = (index * 1000) / perSecond;
    return { start, end: start + ms };
  });
  return billableMs(executions) / took.length;
}

/** Bytes of log for a delivery: our entry with its envelope, the handlers' lines, the platform's record. */
const logs: Readonly<Record<string, readonly [number, number, number]>> = {
  // A full entry, and a line of the sample handlers for each event.
  before: [run('full').bytes + ENVELOPE_BYTES, HANDLER_LINE_BYTES, REQUEST_RECORD_BYTES],
  ...Object.fromEntries(
    DETAILS.map((detail) => {
      const { bytes, entries } = run(detail);
      return [
        detail,
        [bytes + entries * ENVELOPE_BYTES, HANDLER_LINE_BYTES / DELIVERIES_PER_CALL, 0] as const,
      ];
    }),
  ),
};
const logBytes = (log: string) => logs[log]!.reduce((sum, part) => sum + part, 0);
const cost = (log: string, instance: Instance) =>
  perMillion(
    { billableMs: billable(instance.perSecond), tableTransactions, logBytes: logBytes(log) },
    instance,
  );
const busy: Instance = { gb: 2, isAlwaysReady: false, perSecond: 50 };

const CALLS = 10_000;
const SECONDS = 730 * 3600;
const deliveries = CALLS * DELIVERIES_PER_CALL;
/** The parts of a month with one always-ready instance, in dollars. */
const month = (gb: number) => ({
  'the always-ready instance, idle or not': priceOf('baseline', SECONDS * gb),
  'its executions, a second each':
    priceOf('alwaysReady', deliveries * gb) + priceOf('executions', deliveries),
  ledger: priceOf('table', deliveries * tableTransactions),
  'vault: two secrets, each listed every four minutes': priceOf('vault', (SECONDS / 240) * 2),
  log: priceOf('log', deliveries * logBytes('all')),
  'six log alerts': priceOf('alert', 6),
});
const sum = (parts: Readonly<Record<string, number>>) =>
  Object.values(parts).reduce((all, part) => all + part, 0);
const [large, small] = [month(2), month(0.5)];

await publish({
  title: 'What a million deliveries cost',
  about: `The staged app in the local host, with its ledger in a table of Azurite and one event in each delivery: ${DELIVERIES}
deliveries one after the other, after ${WARM_UP} to warm up, for each value of \`DELIVERY_LOG\`. For billable time the measured times are laid
out at each rate: an instance is billed while anything executes, a second at least. So a lone delivery is billed 1,000 ms, and of 50 a
second each 20 ms, however fast the machine is. Of the platform only what \`docs/telemetry.md\` measured is known: ${ENVELOPE_BYTES} bytes around each
entry, and ${REQUEST_RECORD_BYTES} bytes for its record of a request, which \`host.json\` now leaves out. Azure bills on average a quarter less than the bytes
sent; that is not deducted, nor are free grants. The sample handlers log one line in ${DELIVERIES_PER_CALL} deliveries. Each request to the table counts
as one transaction.`,
  tables: [
    {
      title: 'What a delivery needs',
      columns: ['`DELIVERY_LOG`', 'p50 ms', 'p99 ms', 'table transactions', 'entries', 'bytes of their text'],
      rows: DETAILS.map((detail) => {
        const sorted = run(detail).took.toSorted((one, other) => one - other);
        const { tableTransactions: table, entries, bytes } = run(detail);
        return [detail, quantile(sorted, 0.5), quantile(sorted, 0.99), table, entries, bytes];
      }),
    },
    {
      title: 'Billable milliseconds of a delivery, by their rate on one instance',
      columns: ['', ...Object.keys(RATES)],
      rows: [['billable ms', ...Object.values(RATES).map(billable)]],
    },
    {
      title: 'Bytes of log for a delivery',
      columns: [
        'log',
        'our entry with its envelope',
        "the handlers' lines",
        "the platform's record",
        'together',
        'dollars a million',
      ],
      rows: Object.entries(logs).map(([log, parts]) => [
        log,
        ...parts,
        logBytes(log),
        priceOf('log', 1e6 * logBytes(log)),
      ]),
    },
    {
      title: 'Dollars for a million deliveries, by their rate on one instance',
      columns: ['instance', 'log', ...Object.keys(RATES)],
      rows: [0.5, 2].flatMap((gb) =>
        [false, true].flatMap((isAlwaysReady) =>
          ['before', 'all', 'exceptions'].map((log) => [
            `${gb * 1024} MB, ${isAlwaysReady ? 'always ready' : 'on demand'}`,
            log,
            ...Object.values(RATES).map((perSecond) => cost(log, { gb, isAlwaysReady, perSecond })),
          ]),
        ),
      ),
    },
    {
      title: 'The parts at 50 a second, on demand, 2,048 MB',
      columns: ['part', 'dollars'],
      rows: [
        ['executions', priceOf('executions', 1e6)],
        ['GB-s', priceOf('onDemand', 2 * 1000 * billable(50))],
        ['table', priceOf('table', 1e6 * tableTransactions)],
        ...['before', 'all', 'exceptions'].map((log) => [`log: ${log}`, priceOf('log', 1e6 * logBytes(log))]),
      ],
    },
    {
      title: `A month of ${CALLS.toLocaleString('en')} calls of ${DELIVERIES_PER_CALL} deliveries, with one always-ready instance, in dollars`,
      columns: ['part', '2,048 MB', '512 MB'],
      rows: [
        ...Object.entries(large).map(([part, dollars]) => [part, dollars, small[part as keyof typeof small]]),
        ['together', sum(large), sum(small)],
      ],
    },
    {
      title: `Prices, read on ${PRICES_READ_ON}`,
      columns: ['for', 'dollars', 'source'],
      rows: Object.values(prices).map(({ dollars, what, source }) => [what, `$${dollars}`, source]),
    },
  ],
  limits: [
    {
      what: 'dollars a million at 50 a second and 2 GB, with an entry for each delivery',
      value: cost('all', busy),
      atMost: 4.6,
    },
    { what: 'the same with DELIVERY_LOG=exceptions', value: cost('exceptions', busy), atMost: 2.5 },
  ],
});
process.exit();
