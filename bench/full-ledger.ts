import { systemClock as clock } from '../shared/clock.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { progress, publish } from './harness/report.ts';
import { cpuOfEach, spreadOf } from './harness/statistics.ts';

// CPU of an event in the ledger in memory while there is room, and when each new entry replaces the oldest.
//
//     npm run bench -- full-ledger
const CAPACITY = 100_000;
const STEP = 10_000;
const STEPS = 50;

const ledger = memoryLedger(clock, CAPACITY);
const steps: { until: number; cpu: number }[] = [];
let events = 0;
while (events < STEP * STEPS) {
  if (events % CAPACITY === 0) progress(`${events} of ${STEP * STEPS}`);
  const before = process.cpuUsage();
  for (const until = events + STEP; events < until; events++) {
    const acquisition = await ledger.acquire({ key: `call-automation:${events}` }, 8);
    if (acquisition.state !== 'acquired') throw new Error(`event ${events} was ${acquisition.state}`);
    await ledger.putIfAbsent(`token:${events}`, 'body', 300);
    await acquisition.lease.complete();
  }
  steps.push({ until: events, cpu: cpuOfEach(STEP, before) });
}

// The first steps are slower for another reason: nothing is compiled yet.
const filling = steps.filter(({ until }) => until > CAPACITY / 2 && until <= CAPACITY);
const full = steps.filter(({ until }) => until > CAPACITY);
const costOf = (some: typeof steps) => spreadOf(some.map(({ cpu }) => cpu));
const ratio = costOf(full).median / costOf(filling).median;
await publish({
  title: 'A full ledger',
  about: `${events} events, acquired and completed one by one, each with a token that is stored, in the ledger in memory, which
holds ${CAPACITY} of each kind. CPU in microseconds an event; medians and quartiles of ${STEP} events each.`,
  tables: [
    {
      title: 'CPU of an event',
      columns: ['', 'CPU µs an event', '/ with room'],
      rows: [
        ['with room', costOf(filling), 1],
        ['full', costOf(full), ratio],
      ],
    },
  ],
  limits: [{ what: 'CPU of an event in a full ledger, of one with room', value: ratio, atMost: 2 }],
});
