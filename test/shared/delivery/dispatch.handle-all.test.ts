import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handleAll, reasonAmong } from '../../../shared/delivery/dispatch.ts';
import type { EventOutcome } from '../../../shared/delivery/dispatch.ts';
import { manualClock } from '../../clock.ts';

test('every event is handled once, never more at a time than allowed, and the outcomes keep their order', async () => {
  const events = fc.array(fc.nat(50), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 15 }), async (durations, concurrency) => {
      const clock = manualClock();
      let running = 0;
      let most = 0;
      const started: number[] = [];
      const all = handleAll([...durations.entries()], concurrency, async ([index, duration]) => {
        started.push(index);
        most = Math.max(most, ++running);
        await clock.sleep(duration);
        running--;
        return index % 2 === 0 ? 'handled' : 'handled-before';
      });
      await clock.advance(50 * durations.length);
      expect(await all).toEqual(
        durations.map((_, index) => (index % 2 === 0 ? 'handled' : 'handled-before')),
      );
      expect(started).toEqual(durations.map((_, index) => index));
      expect(most).toBe(Math.min(concurrency, durations.length));
    }),
    { numRuns: 50 },
  );
});

test('with one at a time each event ends before the next begins', async () => {
  const clock = manualClock();
  const steps: string[] = [];
  const all = handleAll(['a', 'b', 'c'], 1, async (event): Promise<EventOutcome> => {
    steps.push(`${event} begins`);
    await clock.sleep(event === 'a' ? 100 : 1);
    steps.push(`${event} ends`);
    return 'handled';
  });
  await clock.advance(102);
  await all;
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('whatever becomes of one event, the others are handled', async () => {
  const outcomes: EventOutcome[] = ['handler-threw', 'delivery-in-progress', 'ledger-unavailable', 'handled'];
  expect(await handleAll(outcomes, 1, async (outcome) => outcome)).toEqual(outcomes);
});

test('a surprise of ours with one event does not keep the others from being handled', async () => {
  const delivered: string[] = [];
  const all = handleAll(['surprise', 'other'], 1, async (event): Promise<EventOutcome> => {
    delivered.push(event);
    if (event === 'surprise') throw new Error('surprise');
    return 'handled';
  });
  expect(await all).toEqual(['delivery-threw', 'handled']);
  expect(delivered).toEqual(['surprise', 'other']);
});

test.each<[readonly EventOutcome[], string | undefined]>([
  [[], undefined],
  [['handled', 'handled-before', 'no-handler'], undefined],
  [['handled', 'delivery-in-progress'], 'delivery-in-progress'],
  [['handler-timed-out', 'handled'], 'handler-timed-out'],
  [['ledger-unavailable'], 'ledger-unavailable'],
  [['delivery-in-progress', 'handled', 'handler-threw'], 'handler-threw'],
  [['handler-threw', 'handler-timed-out', 'ledger-unavailable'], 'handler-threw'],
  [['handler-threw', 'delivery-threw'], 'delivery-threw'],
])('of %j the answer goes by %s', (outcomes, reason) => {
  expect(reasonAmong(outcomes)).toBe(reason);
});

test('only what was handled or needs no handling is answered 200, in whatever order it comes', () => {
  const good: EventOutcome[] = ['handled', 'handled-before', 'no-handler'];
  const bad: EventOutcome[] = [
    'delivery-in-progress',
    'handler-timed-out',
    'handler-threw',
    'ledger-unavailable',
    'delivery-threw',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...good, ...bad)), (outcomes) => {
      const reason = reasonAmong(outcomes);
      expect(reason === undefined).toBe(outcomes.every((outcome) => good.includes(outcome)));
      const ours = outcomes.includes('delivery-threw');
      expect(reason === 'delivery-threw').toBe(ours);
      expect(reason === 'handler-threw').toBe(!ours && outcomes.includes('handler-threw'));
    }),
  );
});
