import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOff as backOffOf, exponentialWait } from '../../shared/circuit-breaker.ts';
import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';

const LONGEST_ASKED_FOR = 300_000;
const backOff = (clock: ManualClock, random: () => number) =>
  backOffOf({
    clock,
    waitMs: (failures) => exponentialWait(failures, random),
    longestRetryAfterMs: LONGEST_ASKED_FOR,
  });

test('nothing waits before the first failure or after a success', () => {
  const retry = backOff(manualClock(), () => 0);
  expect([retry.allowed(), retry.failures()]).toEqual([true, 0]);
  retry.failed();
  expect([retry.allowed(), retry.failures()]).toEqual([false, 1]);
  retry.succeeded();
  expect([retry.allowed(), retry.failures()]).toEqual([true, 0]);
});

test('after a success the waits begin anew', async () => {
  const clock = manualClock();
  const retry = backOff(clock, () => 0);
  for (let failure = 0; failure < 5; failure++) retry.failed();
  retry.succeeded();
  retry.failed();
  await clock.advance(10_000);
  expect(retry.allowed()).toBe(true);
});

test('instances that failed together do not come back together', async () => {
  const turns = [0, 0.5, 0.999].map((random) => {
    const clock = manualClock();
    return { clock, retry: backOff(clock, () => random) };
  });
  for (const { clock, retry } of turns) {
    retry.failed();
    await clock.advance(12_500);
  }
  expect(turns.map(({ retry }) => retry.allowed())).toEqual([true, true, false]);
  const [, middle] = turns;
  middle?.retry.failed();
  await middle?.clock.advance(20_000);
  expect(middle?.retry.allowed()).toBe(false);
});

test('no wait is shorter than its turn, longer than one and a half of it, or longer than its bound', async () => {
  const seconds = fc.oneof(fc.constant(undefined), fc.double({ min: 0, max: 1e6, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(seconds, { minLength: 1, maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      async (failures, random) => {
        const clock = manualClock();
        const retry = backOff(clock, () => random);
        for (const asked of failures) retry.failed(asked);
        const turn = Math.min(60_000, 10_000 * 2 ** (failures.length - 1));
        const asked = Math.min(LONGEST_ASKED_FOR, (failures.at(-1) ?? 0) * 1000);
        await clock.advance(Math.max(turn, asked) - 1);
        expect(retry.allowed()).toBe(false);
        await clock.advance(Math.max(turn * 1.5, asked) - clock.ticks());
        expect(retry.allowed()).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});
