import { expect, test } from 'vitest';
import { deadline } from '../../shared/async.ts';
import { manualClock } from '../clock.ts';

test('a deadline aborts its signal at its time, and not before', async () => {
  const clock = manualClock();
  const { signal } = deadline(clock, 2000);
  await clock.advance(1999);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.aborted).toBe(true);
});

test('a cleared deadline never aborts, and leaves no timer behind', async () => {
  const clock = manualClock();
  const limit = deadline(clock, 2000);
  limit.clear();
  await clock.advance(5000);
  expect([limit.signal.aborted, clock.sleepers()]).toEqual([false, 0]);
});

test('clearing a deadline that is over changes nothing', async () => {
  const clock = manualClock();
  const limit = deadline(clock, 1);
  await clock.advance(1);
  limit.clear();
  expect(limit.signal.aborted).toBe(true);
});
