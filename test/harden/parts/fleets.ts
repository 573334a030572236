import type { Environment } from '../../../shared/settings/table.ts';
import { startFleet } from '../fleet.ts';
import type { Fleet } from '../fleet.ts';
import { capturedRequest } from '../scenarios/captured-request.ts';
import { crashes } from '../scenarios/crashes.ts';
import { manyCopies } from '../scenarios/many-copies.ts';
import type { Progress } from '../scenarios/scenario.ts';
import { tableOutage } from '../scenarios/table-outage.ts';
import type { Asked, Part, Tried } from './part.ts';
import { shown } from './shown.ts';

type Trial = {
  readonly what: string;
  readonly times: number;
  readonly instances: number;
  readonly settings: Environment;
  readonly run: (fleet: Fleet, progress: Progress) => Promise<Readonly<Record<string, unknown>>>;
  /** What has to come of it. */
  readonly expected: Readonly<Record<string, unknown>>;
};

const nothingLost = { unanswered: 0, lost: 0 };
const settledStaysSo = { ...nothingLost, handledAgainAfterItsAnswer: 0 };
const outage = { healthWhileOut: 503, healthAfterwards: 200 };

const COUNTS = {
  short: { copied: 1000, kills: 30, out: 600, captured: 200 },
  long: { copied: 5000, kills: 200, out: 3000, captured: 1000 },
} as const;

/** Several instances of the staged app that share one table. */
export const fleets: Part = {
  name: 'fleets',
  about: 'instances that share a table: copies, crashes, outages, captured requests',
  async run(asked) {
    const trials = trialsOf(COUNTS[asked.extent]);
    const tried: Tried[] = [];
    for (const trial of trials) tried.push(await tryOut(trial, asked));
    return tried;
  },
};

async function tryOut(trial: Trial, { seed }: Asked): Promise<Tried> {
  const { what, times, instances, settings, run, expected } = trial;
  console.log(`\n${what}: ${times}`);
  const fleet = await startFleet(instances, settings, seed);
  const result = await run(fleet, shown()).finally(() => fleet.close());
  const found = Object.keys(expected)
    .filter((key) => JSON.stringify(result[key]) !== JSON.stringify(expected[key]))
    .map((key) => `${key} is ${JSON.stringify(result[key])}, expected ${JSON.stringify(expected[key])}`);
  for (const [key, value] of Object.entries(result))
    console.log(`  ${key.padEnd(28)}${JSON.stringify(value)}`);
  return { what, times, found };
}

function trialsOf(counts: (typeof COUNTS)['short' | 'long']): readonly Trial[] {
  const { copied, kills, out, captured } = counts;
  return [
    ...[2, 8].map((instances) => ({
      what: `events, each sent 1 to 5 times, to any of ${instances} instances`,
      times: copied,
      instances,
      settings: {},
      run: (fleet: Fleet, progress: Progress) => manyCopies(fleet, { deliveries: copied }, progress),
      expected: { ...settledStaysSo, handledAgain: 0 },
    })),
    {
      what: 'instances killed in the middle of their work',
      times: kills,
      instances: 4,
      settings: {},
      run: (fleet, progress) => crashes(fleet, { kills }, progress),
      expected: { kills, ...settledStaysSo },
    },
    {
      what: 'events through an outage of the table, LEDGER_OUTAGE=proceed',
      times: out,
      instances: 4,
      settings: { LEDGER_OUTAGE: 'proceed' },
      run: (fleet, progress) => tableOutage(fleet, { deliveries: out }, progress),
      expected: { ...nothingLost, ...outage },
    },
    {
      what: 'events through an outage of the table, LEDGER_OUTAGE=refuse',
      times: out,
      instances: 4,
      settings: { LEDGER_OUTAGE: 'refuse' },
      run: (fleet, progress) => tableOutage(fleet, { deliveries: out }, progress),
      expected: { ...settledStaysSo, ...outage, handledAgain: 0 },
    },
    capturedBy('enforce', 401, captured),
    capturedBy('report', 200, captured),
  ];
}

const capturedBy = (mode: 'enforce' | 'report', otherCall: number, times: number): Trial => ({
  what: `a captured request, again and again to 4 instances, CALL_BINDING=${mode}`,
  times,
  instances: 4,
  settings: { CALL_BINDING: mode },
  run: (fleet, progress) => capturedRequest(fleet, { times }, progress),
  expected: {
    handled: 1,
    answers: { 200: times },
    changed: Array.from({ length: 4 }, () => 401),
    handledChanged: 0,
    otherCall: Array.from({ length: 4 }, () => otherCall),
  },
});
