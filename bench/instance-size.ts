import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { staged, timed } from './cost/staged.ts';
import { end, startOn } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import { quantile, spreadOf } from './harness/statistics.ts';
import { providers } from '../local/providers/index.ts';

// Whether an instance of 512 MB, which has a quarter of a core, is enough: the staged app on one core beside three busy loops,
// and on the core alone.
//
//     npm run bench -- instance-size
const ROUNDS = Number(process.argv[2] ?? 3);
const PER_SECOND = 50;
const DELIVERIES = 250;
const WARM_UP = 50;
const TICKS_A_SECOND = 100;
const MIB = 2 ** 20;

const app = await staged();
const ring = providers.flatMap(({ samples }) => samples).find(({ name }) => name === 'IncomingCall')!;

/** CPU seconds, and the largest resident set in MiB, of a process so far. */
async function usedBy(pid = 0): Promise<{ cpu: number; peak: number }> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    peak: (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024) / MIB,
  };
}

async function measure() {
  // From the start of a process until the call that rings is answered, its keys and secrets included.
  const began = performance.now();
  const running = await app.start({}, '0');
  let answered = 0;
  while (answered !== 200) {
    ({ status: answered } = await ring.send(app.target));
    if (answered !== 200) await wait(100);
  }
  const coldMs = performance.now() - began;
  const { cpu: coldCpu } = await usedBy(running.pid);

  await running.healthy();
  const requests = await app.callbacks(WARM_UP + DELIVERIES);
  for (const one of requests.slice(0, WARM_UP)) await timed(one);
  const before = await usedBy(running.pid);
  const times = await Promise.all(
    requests.slice(WARM_UP).map(async (one, index) => {
      await wait((index * 1000) / PER_SECOND);
      return timed(one).catch(() => Number.POSITIVE_INFINITY);
    }),
  );
  const after = await usedBy(running.pid);
  await running.stop();
  return {
    coldMs,
    coldCpuMs: coldCpu * 1000,
    sorted: times.toSorted((one, other) => one - other),
    cpuMs: ((after.cpu - before.cpu) * 1000) / DELIVERIES,
    peak: after.peak,
  };
}

const places = [
  { name: 'a quarter of a core', loops: 3, runs: [] as Awaited<ReturnType<typeof measure>>[] },
  { name: 'a core', loops: 0, runs: [] as Awaited<ReturnType<typeof measure>>[] },
];
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, loops, runs } of places) {
    progress(`${name}, round ${round + 1} of ${ROUNDS}`);
    const busy = Array.from({ length: loops }, () => startOn('0', '-e', ['for(;;);']));
    runs.push(await measure());
    for (const loop of busy) await end(loop);
  }
}
await app.close();

await publish({
  title: 'The size of an instance',
  about: `The staged app in the local host on one core, alone and beside three busy loops, in turns: ${ROUNDS} rounds, medians and quartiles.
A cold ring is an IncomingCall that is sent from the start of the process on: until it is answered, with its keys and secrets fetched and the
SDK loaded. Then ${DELIVERIES} callbacks at ${PER_SECOND} a second. Senders, fakes and table share the other core. Azure's own host and front
end are not in the figures; on the host that was built from source they took 292 MB, and the worker 311 MB.`,
  tables: [
    {
      title: 'On one core',
      columns: [
        '',
        'cold ring, s',
        'its CPU, s',
        'p50 ms',
        'p99 ms',
        'CPU ms a delivery',
        'largest resident MiB',
      ],
      rows: places.map(({ name, runs }) => [
        name,
        spreadOf(runs.map(({ coldMs }) => coldMs / 1000)),
        spreadOf(runs.map(({ coldCpuMs }) => coldCpuMs / 1000)),
        spreadOf(runs.map(({ sorted }) => quantile(sorted, 0.5))),
        spreadOf(runs.map(({ sorted }) => quantile(sorted, 0.99))),
        spreadOf(runs.map(({ cpuMs }) => cpuMs)),
        spreadOf(runs.map(({ peak }) => peak)),
      ]),
    },
  ],
});
process.exit();
