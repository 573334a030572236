import { expect, test } from 'vitest';
import { keepWarm } from '../../shared/health.ts';
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
