import { expect, test } from 'vitest';
import { runChecks } from '../../../shared/delivery/pipeline.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import type { DeliveryRecord } from '../../../shared/telemetry/delivery-log.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { isUnsettled, manualClock } from '../../clock.ts';
import type { ManualClock } from '../../clock.ts';
import { received } from '../../support/verdict.ts';

const { signal: never } = new AbortController();

function running(...runs: readonly Check['run'][]) {
  return runningUnder(never, manualClock(), ...runs);
}

function runningUnder(signal: AbortSignal, clock: ManualClock, ...runs: readonly Check['run'][]) {
  const results: Parameters<DeliveryRecord['checked']>[0][] = [];
  const checks = runs.map((run, index) => ({ name: `check ${index + 1}`, run }));
  const verdict = runChecks(checks, received(), {
    clock,
    signal,
    record: { checked: (result) => void results.push(result) },
  });
  return { results, verdict };
}

test('what the checks prove is added up, and what they report is listed in their order', async () => {
  const { verdict, results } = running(
    async () => ({ reported: ['source-address-foreign'] }),
    async () => ({ reference: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    async () => ({ sender: 'https://issuer.example', reported: ['token-expired'] }),
  );
  expect(await verdict).toEqual({
    outcome: 'accepted',
    proof: {
      reference: 'AAAAAAAAAAAAAAAAAAAAAA',
      sender: 'https://issuer.example',
      reported: ['source-address-foreign', 'token-expired'],
    },
  });
  expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['check 1', 'accepted'],
    ['check 2', 'accepted'],
    ['check 3', 'accepted'],
  ]);
});

test.each<[string, Check['run'], object]>([
  ['refuses', async () => reject('token-audience'), { outcome: 'rejected', reason: 'token-audience' }],
  [
    'cannot tell',
    () => Promise.reject(new Outage('keys-unavailable')),
    { outcome: 'unavailable', reason: 'keys-unavailable' },
  ],
  ['throws', async () => JSON.parse('{'), { outcome: 'rejected', reason: 'check-threw' }],
])('after a check that %s no other runs', async (_what, run, expected) => {
  let later = 0;
  const { verdict, results } = running(
    async () => ({}),
    run,
    async () => (later++, {}),
  );
  expect(await verdict).toEqual(expected);
  expect([later, results.length]).toEqual([0, 2]);
});

test('a check begins when the one before has accepted, and its time is measured', async () => {
  const clock = manualClock();
  const sleeping = (milliseconds: number) => async () => {
    await clock.sleep(milliseconds);
    return {};
  };
  const { verdict, results } = runningUnder(never, clock, sleeping(30), sleeping(12));
  await clock.advance(42);
  expect((await verdict).outcome).toBe('accepted');
  expect(results.map(({ milliseconds }) => milliseconds)).toEqual([30, 12]);
});

/** Checks under a deadline that the test sets off. */
function hurried(...runs: readonly Check['run'][]) {
  const controller = new AbortController();
  return { abort: () => controller.abort(), ...runningUnder(controller.signal, manualClock(), ...runs) };
}
const hanging = () => new Promise<never>(() => {});

test('a check that hangs past the deadline is a refusal, and none runs after it', async () => {
  let later = 0;
  const { abort, verdict } = hurried(hanging, async () => (later++, {}));
  expect(await isUnsettled(verdict)).toBe(true);
  abort();
  expect(await verdict).toEqual({ outcome: 'rejected', reason: 'check-threw' });
  expect(later).toBe(0);
});

test('a check that heeds the deadline gives its own verdict: an outage stays one', async () => {
  const { abort, verdict } = hurried((_request, signal) => {
    const { promise, reject: rejectWith } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => rejectWith(new Outage('keys-unavailable')));
    return promise;
  });
  abort();
  expect(await verdict).toEqual({ outcome: 'unavailable', reason: 'keys-unavailable' });
});

test('a check that begins after the deadline is not waited for', async () => {
  const first = Promise.withResolvers<object>();
  const { abort, verdict } = hurried(() => first.promise, hanging);
  first.resolve({});
  abort();
  expect(await verdict).toEqual({ outcome: 'rejected', reason: 'check-threw' });
});

test('what is accepted late does not count', async () => {
  const late = Promise.withResolvers<object>();
  const { abort, verdict } = hurried(() => late.promise);
  abort();
  expect(await isUnsettled(verdict)).toBe(false);
  late.resolve({});
  expect(await verdict).toEqual({ outcome: 'rejected', reason: 'check-threw' });
});

test('without checks every request is refused', async () => {
  expect(await running().verdict).toEqual({ outcome: 'rejected', reason: 'check-threw' });
});
