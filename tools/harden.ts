import type { Environment } from '../shared/settings.ts';
import { startFleet } from '../test/harden/fleet.ts';
import type { Fleet } from '../test/harden/fleet.ts';
import { capturedRequest } from '../test/harden/scenarios/captured-request.ts';
import { crashes } from '../test/harden/scenarios/crashes.ts';
import { manyCopies } from '../test/harden/scenarios/many-copies.ts';
import type { Progress } from '../test/harden/scenarios/scenario.ts';
import { tableOutage } from '../test/harden/scenarios/table-outage.ts';

// `npm run harden`: what the tests try with small counts, with large ones. Exits with 0 where all of it held.

type Trial = {
  readonly name: string;
  readonly instances: number;
  readonly settings: Environment;
  readonly run: (fleet: Fleet, progress: Progress) => Promise<Readonly<Record<string, unknown>>>;
  /** What has to come of it. */
  readonly expected: Readonly<Record<string, unknown>>;
};

const nothingLost = { unanswered: 0, lost: 0 };
const settledStaysSo = { ...nothingLost, handledAgainAfterItsAnswer: 0 };
const outage = { healthWhileOut: 503, healthAfterwards: 200 };

const captured = (mode: 'enforce' | 'report', otherCall: number): Trial => ({
  name: `a captured request, 1,000 times to 4 instances; CALL_BINDING=${mode}`,
  instances: 4,
  settings: { CALL_BINDING: mode },
  run: (fleet, progress) => capturedRequest(fleet, { times: 1000 }, progress),
  expected: {
    handled: 1,
    answers: { 200: 1000 },
    changed: Array.from({ length: 4 }, () => 401),
    handledChanged: 0,
    otherCall: Array.from({ length: 4 }, () => otherCall),
  },
});

const trials: readonly Trial[] = [
  ...[2, 8].map((instances) => ({
    name: `5,000 events, each sent 1 to 5 times, to any of ${instances} instances`,
    instances,
    settings: {},
    run: (fleet: Fleet, progress: Progress) => manyCopies(fleet, { deliveries: 5000 }, progress),
    expected: { ...settledStaysSo, handledAgain: 0 },
  })),
  {
    name: '200 instances killed in the middle of their work',
    instances: 4,
    settings: {},
    run: (fleet, progress) => crashes(fleet, { kills: 200 }, progress),
    expected: { kills: 200, ...settledStaysSo },
  },
  {
    name: 'an outage of the table, LEDGER_OUTAGE=proceed',
    instances: 4,
    settings: { LEDGER_OUTAGE: 'proceed' },
    run: (fleet, progress) => tableOutage(fleet, { deliveries: 3000 }, progress),
    expected: { ...nothingLost, ...outage },
  },
  {
    name: 'an outage of the table, LEDGER_OUTAGE=refuse',
    instances: 4,
    settings: { LEDGER_OUTAGE: 'refuse' },
    run: (fleet, progress) => tableOutage(fleet, { deliveries: 3000 }, progress),
    expected: { ...settledStaysSo, ...outage, handledAgain: 0 },
  },
  captured('enforce', 401),
  captured('report', 200),
];

let failed = 0;
for (const [index, { name, instances, settings, run, expected }] of trials.entries()) {
  console.log(`\n${index + 1} of ${trials.length}: ${name}`);
  const started = performance.now();
  const fleet = await startFleet(instances, settings);
  const result = await run(fleet, shown());
  await fleet.close();
  const wrong = Object.keys(expected).filter(
    (key) => JSON.stringify(result[key]) !== JSON.stringify(expected[key]),
  );
  for (const [key, value] of Object.entries(result)) {
    const mark = wrong.includes(key) ? `   expected ${JSON.stringify(expected[key])}` : '';
    console.log(`  ${key.padEnd(28)}${JSON.stringify(value)}${mark}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`  ${wrong.length === 0 ? 'held' : 'DID NOT HOLD'} (${seconds} s)`);
  if (wrong.length > 0) failed++;
}
console.log(`\n${trials.length - failed} of ${trials.length} held.`);
process.exitCode = failed === 0 ? 0 : 1;

/** One line that counts on a terminal, and a line for every tenth elsewhere. */
function shown(): Progress {
  let tenths = 0;
  return (done, of) => {
    if (process.stdout.isTTY) process.stdout.write(`\r  ${done} of ${of}${done === of ? '\n' : ''}`);
    else if (Math.floor((done * 10) / of) > tenths) {
      tenths = Math.floor((done * 10) / of);
      console.log(`  ${done} of ${of}`);
    }
  };
}
