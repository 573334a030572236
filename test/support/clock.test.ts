import { expect, test } from 'vitest';
import { isUnsettled, manualClock } from '../clock.ts';

test('time stands still until it is moved, and both clocks then move alike', async () => {
  const clock = manualClock(1000);
  await isUnsettled(clock.sleep(1));
  expect([clock.ticks(), clock.now()]).toEqual([0, 1000]);
  await clock.advance(1500);
  expect([clock.ticks(), clock.now()]).toEqual([1500, 1001.5]);
});

test('a step moves the wall clock alone, and wakes nobody', async () => {
  const clock = manualClock(1000);
  const sleep = clock.sleep(10);
  clock.step(-86_400);
  expect([clock.ticks(), clock.now(), await isUnsettled(sleep)]).toEqual([0, 1000 - 86_400, true]);
});

test('sleepers wake in the order of their time, each at it, and those who fall asleep anew wake on the way', async () => {
  const clock = manualClock();
  const woken: string[] = [];
  const sleeper = async (name: string, ...naps: number[]) => {
    for (const nap of naps) {
      await clock.sleep(nap);
      woken.push(`${name} at ${clock.ticks()}`);
    }
  };
  void sleeper('late', 30);
  void sleeper('early', 10, 10, 10);
  await clock.advance(25);
  expect(woken).toEqual(['early at 10', 'early at 20']);
  await clock.advance(5);
  expect(woken.slice(2)).toEqual(['late at 30', 'early at 30']);
});

test.each([['before', true] as const, ['while', false] as const])(
  'a sleep whose signal aborts %s it lasts rejects with the reason of the signal',
  async (_when, before) => {
    const clock = manualClock();
    const controller = new AbortController();
    if (before) controller.abort('why');
    const sleep = clock.sleep(10, controller.signal);
    controller.abort('why');
    await expect(sleep).rejects.toBe('why');
    expect(clock.sleepers()).toBe(0);
  },
);
