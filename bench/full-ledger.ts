import { systemClock as clock } from '../shared/clock.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { progress, publish } from './harness/report.ts';
import { spreadOf, told, toldSpread } from './harness/statistics.ts';

// What an event costs the ledger in memory while there is room, and when the oldest is forgotten for each that comes.
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
    const claim = await ledger.acquire({ key: `call-automation:${events}` }, 8);
    if (claim.state !== 'acquired') throw new Error(`event ${events} was ${claim.state}`);
    await ledger.putIfAbsent(`token:${events}`, 'body', 300);
    await claim.lease.complete();
  }
  const { user, system } = process.cpuUsage(before);
  steps.push({ until: events, cpu: (user + system) / STEP });
}

// The first steps are slower for another reason: nothing is compiled yet.
const filling = steps.filter(({ until }) => until > CAPACITY / 2 && until <= CAPACITY);
const full = steps.filter(({ until }) => until > CAPACITY);
const costOf = (some: typeof steps) => spreadOf(some.map(({ cpu }) => cpu));
const ratio = costOf(full).median / costOf(filling).median;
await publish({
  title: 'A full ledger',
  about: `${events} events, claimed and settled one by one, each with a token that is bound, in the ledger in memory, which
holds ${CAPACITY} of each kind; CPU in microseconds an event, medians and quartiles of ${STEP} events each.`,
  tables: [
    {
      title: 'CPU of an event',
      columns: ['', 'CPU µs an event', '/ the first'],
      rows: [
        ['while there is room', toldSpread(costOf(filling)), told(1)],
        ['full', toldSpread(costOf(full)), told(ratio)],
      ],
    },
  ],
  targets: [{ what: 'CPU of an event in a full ledger, of one with room', value: ratio, atMost: 2 }],
});
