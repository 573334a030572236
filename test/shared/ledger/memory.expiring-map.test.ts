import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expiringMap } from '../../../shared/ledger/memory.ts';
import { manualClock } from '../../clock.ts';

test('an entry is there until it expires, and gone from then on', async () => {
  const clock = manualClock();
  const map = expiringMap<string>(clock, 10);
  map.set('key', 'value', 5);
  await clock.advance(4999);
  expect([map.get('key'), map.get('other')]).toEqual(['value', undefined]);
  await clock.advance(1);
  expect(map.get('key')).toBeUndefined();
});

test.each([0, -1])('an entry for %d seconds is never there', (seconds) => {
  const map = expiringMap<string>(manualClock(), 10);
  map.set('key', 'value', seconds);
  expect(map.get('key')).toBeUndefined();
});

test('up to the capacity, each entry is what was set last, until it expires', async () => {
  const action = fc.record({ key: fc.constantFrom('a', 'b', 'c'), seconds: fc.nat(20), wait: fc.nat(10) });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 20 }), async (actions) => {
      const clock = manualClock();
      const map = expiringMap<number>(clock, 4);
      const last = new Map<string, { value: number; until: number }>();
      for (const [value, { key, seconds, wait }] of actions.entries()) {
        map.set(key, value, seconds);
        last.set(key, { value, until: clock.ticks() + seconds * 1000 });
        await clock.advance(wait * 1000);
        for (const [name, { value, until }] of last)
          expect(map.get(name)).toBe(until > clock.ticks() ? value : undefined);
      }
    }),
    { numRuns: 100 },
  );
});

test('there are never more entries than the capacity: the oldest are dropped first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(9), { maxLength: 30 }), (capacity, keys) => {
      const map = expiringMap<true>(manualClock(), capacity);
      for (const key of keys) map.set(String(key), true, 60);
      const newest = [...new Set(keys.toReversed())].slice(0, capacity);
      // Setting a key again may drop one entry more than necessary.
      const there = [...new Set(keys)].filter((key) => map.get(String(key)));
      expect(there.length).toBeLessThanOrEqual(capacity);
      expect(newest.slice(0, there.length).toSorted()).toEqual(there.toSorted());
      expect(there.length).toBeGreaterThanOrEqual(Math.min(newest.length, capacity - 1));
    }),
  );
});
