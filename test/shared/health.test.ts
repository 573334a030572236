import { expect, test } from 'vitest';
import { allOf, keepWarm } from '../../shared/health.ts';
import { manualClock } from '../clock.ts';

test('every dependency is warmed at the start, and every two seconds each that is not available', async () => {
  const clock = manualClock();
  const warmed: string[] = [];
  const missing = new Set(['keys']);
  const dependency = (name: string) => ({
    warm: async () => void warmed.push(name),
    isAvailable: () => !missing.has(name),
  });
  void keepWarm([dependency('keys'), dependency('ledger')], clock);
  await clock.advance(1999);
  expect(warmed).toEqual(['keys', 'ledger']);
  await clock.advance(1);
  expect(warmed.slice(2)).toEqual(['keys']);
  missing.clear();
  await clock.advance(10_000);
  expect(warmed).toHaveLength(3);
});

test('several dependencies as one are warmed together, and available where each is', async () => {
  const warmed: string[] = [];
  const missing = new Set(['one', 'other']);
  const dependency = (name: string) => ({
    warm: async () => void warmed.push(name),
    isAvailable: () => !missing.has(name),
  });
  const both = allOf([dependency('one'), dependency('other')]);
  await both.warm();
  expect([warmed, both.isAvailable()]).toEqual([['one', 'other'], false]);
  missing.delete('one');
  expect(both.isAvailable()).toBe(false);
  missing.delete('other');
  expect(both.isAvailable()).toBe(true);
});
