import { capturedRequest } from '../test/harden/scenarios/captured-request.ts';
import { crashes } from '../test/harden/scenarios/crashes.ts';
import { manyCopies } from '../test/harden/scenarios/many-copies.ts';
import type { Progress } from '../test/harden/scenarios/scenario.ts';
import { tableOutage } from '../test/harden/scenarios/table-outage.ts';

// `npm run harden`: what the tests try with small counts, with large ones. Exits with 0 where all of it held.

type Trial = {
  readonly name: string;
  readonly run: (progress: Progress) => Promise<Readonly<Record<string, unknown>>>;
  /** What has to come of it. */
  readonly expected: Readonly<Record<string, unknown>>;
};

const nothingLost = { unanswered: 0, lost: 0 };
const settledStaysSo = { ...nothingLost, handledAgainAfterItsAnswer: 0 };

const captured = (callBinding: 'enforce' | 'report', otherCall: number): Trial => ({
  name: `a captured request, 1,000 times to 4 instances; CALL_BINDING=${callBinding}`,
  run: (progress) => capturedRequest({ instances: 4, times: 1000, callBinding }, progress),
  expected: {
    handled: 1,
    answers: { 200: 1000 },
    changed: [401, 401, 401, 401],
    handledChanged: 0,
    otherCall: Array.from({ length: 4 }, () => otherCall),
  },
});

const trials: readonly Trial[] = [
  ...[2, 8].map((instances) => ({
    name: `5,000 events, each sent 1 to 5 times, to any of ${instances} instances`,
    run: (progress: Progress) => manyCopies({ instances, deliveries: 5000 }, progress),
    expected: { ...settledStaysSo, handledAgain: 0 },
  })),
  {
    name: '200 instances killed in the middle of their work',
    run: (progress) => crashes({ instances: 4, kills: 200 }, progress),
    expected: { kills: 200, ...settledStaysSo },
  },
  {
    name: 'an outage of the table, LEDGER_OUTAGE=proceed',
    run: (progress) => tableOutage({ instances: 4, deliveries: 3000, mode: 'proceed' }, progress),
    expected: nothingLost,
  },
  {
    name: 'an outage of the table, LEDGER_OUTAGE=refuse',
    run: (progress) => tableOutage({ instances: 4, deliveries: 3000, mode: 'refuse' }, progress),
    expected: { ...settledStaysSo, handledAgain: 0 },
  },
  captured('enforce', 401),
  captured('report', 200),
];

let failed = 0;
for (const [index, { name, run, expected }] of trials.entries()) {
  console.log(`\n${index + 1} of ${trials.length}: ${name}`);
  const started = performance.now();
  const result = await run(shown());
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
