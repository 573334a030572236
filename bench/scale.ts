import { loadavg } from 'node:os';
import path from 'node:path';
import { startAzurite } from '../local/fakes/azurite.ts';
import { benchCall } from './deliveries.ts';
import { ask, end, messageOf, startOn } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import { medianRatio, spreadOf } from './harness/statistics.ts';
import type { Done, Order } from './scale/worker.ts';

// One, two, four and eight processes on one table of Azurite: deliveries a second, and CPU a delivery, which must not grow.
//
//     npm run bench -- scale [--long]
const ROUNDS = Number(process.argv[2] ?? 7);
const PROCESSES = [1, 2, 4, 8];
/** Deliveries of each process in a round, and before the figures count, until frequent code is compiled. */
const DELIVERIES = 60;
const WARM_UP = 300;
const BATCH = 10;

const BARE = 'the SDK alone: one insert, one update';
const loads = [
  { name: 'many calls, one event each', events: 1, hot: false },
  { name: 'one call, one event each', events: 1, hot: true },
  { name: `many calls, batches of ${BATCH}`, events: BATCH, hot: false },
  { name: `one call, batches of ${BATCH}`, events: BATCH, hot: true },
  { name: BARE, events: 0, hot: false },
].map((load) => ({
  ...load,
  measured: PROCESSES.map(() => ({ rates: [] as number[], cpus: [] as number[] })),
}));

const azurite = await startAzurite();
const workers = Array.from({ length: Math.max(...PROCESSES) }, () =>
  startOn(undefined, path.join(import.meta.dirname, 'scale', 'worker.ts'), [], {
    LEDGER_TABLE_URL: azurite.url,
  }),
);
await Promise.all(workers.map((worker) => messageOf(worker)));
progress('warming up');
for (const { events } of loads) await deliver(workers, { count: WARM_UP / (events || 1), events });

for (let round = 0; round < ROUNDS; round++) {
  progress(`round ${round + 1} of ${ROUNDS}`);
  for (const { events, hot, measured } of loads) {
    for (const [index, processes] of PROCESSES.entries()) {
      const count = Math.ceil(DELIVERIES / (events > 1 ? 4 : 1));
      const order = { count, events, ...(hot && { call: benchCall() }) };
      const started = performance.now();
      const cpu = await deliver(workers.slice(0, processes), order);
      const total = count * processes;
      measured[index]?.rates.push((total / (performance.now() - started)) * 1000);
      measured[index]?.cpus.push((cpu / total) * 1e6);
    }
  }
}
for (const worker of workers) await end(worker);

/** @returns the CPU of all, in seconds */
async function deliver(some: typeof workers, order: Order): Promise<number> {
  const done = await Promise.all(some.map((worker) => ask<Done>(worker, order)));
  return done.reduce((sum, { cpu }) => sum + cpu, 0);
}

await publish({
  title: 'Processes on one table',
  about: `Processes that take callbacks through the pipeline without its checks, four in flight each, with the ledger in one table of
Azurite on this machine, which is one process and the bottleneck. Each delivery has a token of its own; many calls: five deliveries
a call; one call: all processes deliver events of the same call at once. All processes run all the time, and ${ROUNDS} rounds let one, two, four
and eight of them deliver in turns; medians and quartiles, ratios round by round. The SDK alone is the control: no code of Ringward runs. CPU is that of the delivering processes, in
microseconds a delivery. Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}.`,
  tables: loads.map(({ name, measured }) => ({
    title: name,
    columns: ['processes', 'deliveries a second', 'CPU µs a delivery', '/ one process'],
    rows: measured.map(({ rates, cpus }, index) => [
      String(PROCESSES[index]),
      spreadOf(rates),
      spreadOf(cpus),
      medianRatio(cpus, measured[0]?.cpus),
    ]),
  })),
  limits: loads.slice(0, -1).map(({ name, measured }) => ({
    what: `CPU of a delivery with eight processes, of one process, ${name}`,
    value: medianRatio(measured.at(-1)?.cpus, measured[0]?.cpus),
    atMost: 1.2,
  })),
});
await azurite.close();
