import { expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';

test('the clock of the system counts seconds since the epoch and milliseconds that only grow', () => {
  expect(Math.abs(systemClock.now() - Date.now() / 1000)).toBeLessThan(60);
  const before = systemClock.ticks();
  expect(systemClock.ticks()).toBeGreaterThanOrEqual(before);
});

test('a sleep rejects when its signal aborts', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const sleep = systemClock.sleep(3_600_000, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toMatchObject({ name: 'AbortError', cause: reason });
});
