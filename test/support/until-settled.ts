import type { ManualClock } from '../clock.ts';
import { isUnsettled } from '../clock.ts';

/**
 * What comes of work that waits for nothing but the clock: moved on second by second, and not for ever.
 *
 * @throws Error where it is open still after so many seconds
 */
export async function untilSettled<Value>(
  clock: ManualClock,
  work: Promise<Value>,
  seconds = 30,
): Promise<Value> {
  // Whoever waits for the clock first must not find that nobody listens to what failed.
  work.catch(() => {});
  for (let second = 0; await isUnsettled(work); second++) {
    if (second === seconds) throw new Error(`open still after ${seconds} s`);
    await clock.advance(1000);
  }
  return work;
}
