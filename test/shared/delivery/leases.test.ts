import { expect, test } from 'vitest';
import { acquireLeases } from '../../../shared/delivery/leases.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/errors.ts';
import { manualClock, settled } from '../../clock.ts';

const LEASE = 8;
const events = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `event-${index}` }));

/** The leases of some events, from a ledger that records what it is asked for. */
function leasing(count: number, change: (ledger: Ledger) => Partial<Ledger> = () => ({})) {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const asked: string[] = [];
  const all = events(count);
  const watched: Ledger = {
    ...ledger,
    async acquire(what, leaseSeconds) {
      asked.push(what.key);
      return ledger.acquire(what, leaseSeconds);
    },
    ...change(ledger),
  };
  const { signal } = new AbortController();
  const leases = acquireLeases(all, watched, { leaseSeconds: LEASE, clock, signal });
  const state = async (key: string) => (await ledger.acquire({ key }, LEASE)).state;
  return { clock, ledger, asked, all, leases, state };
}

test('sixteen leases are acquired at once, and the next sixteen when the turn of the first of them comes', async () => {
  const { asked, all, leases } = leasing(40);
  await settled();
  expect(asked).toEqual(all.slice(0, 16).map(({ key }) => key));
  for (const event of all.slice(0, 16)) await leases.of(event);
  expect(asked).toHaveLength(16);
  await leases.of(all[16] as { key: string });
  expect(asked).toEqual(all.slice(0, 32).map(({ key }) => key));
  for (const event of all.slice(17)) await leases.of(event);
  expect(asked).toEqual(all.map(({ key }) => key));
});

test('a lease that was never used is released, and one that was used is not', async () => {
  const { all, leases, state } = leasing(3);
  await leases.of(all[0] as { key: string });
  await leases.releaseUnused();
  expect([await state('event-0'), await state('event-1'), await state('event-2')]).toEqual([
    'busy',
    'acquired',
    'acquired',
  ]);
});

test('a lease that failed and was never awaited leaves no unhandled rejection', async () => {
  const failed: unknown[] = [];
  const note = (thrown: unknown) => failed.push(thrown);
  process.on('unhandledRejection', note);
  const { leases } = leasing(2, () => ({ acquire: () => Promise.reject(new TypeError('unforeseen')) }));
  await settled();
  await new Promise((resolve) => setImmediate(resolve));
  await leases.releaseUnused();
  process.off('unhandledRejection', note);
  expect(failed).toEqual([]);
});

test('an outage of something else is no outage of the ledger', async () => {
  const { all, leases } = leasing(1, () => ({
    acquire: () => Promise.reject(new Outage('keys-unavailable')),
  }));
  await expect(leases.of(all[0] as { key: string })).rejects.toThrow(Outage);
});

test.each([
  [1, 1],
  [2, 3],
])('of %i events, one that is in progress elsewhere is asked for %i times in all', async (count, times) => {
  const asked: string[] = [];
  const { all, leases } = leasing(count, (ledger) => ({
    async acquire(what, leaseSeconds) {
      asked.push(what.key);
      return what.key === 'event-0' ? { state: 'busy' } : ledger.acquire(what, leaseSeconds);
    },
  }));
  expect(await leases.of(all[0] as { key: string })).toBe('delivery-in-progress');
  expect(asked).toHaveLength(times);
});

test('a lease that fails at once is a failure of its own event alone, and the others are released', async () => {
  const { all, leases, state } = leasing(3, (ledger) => ({
    acquire(what, leaseSeconds) {
      if (what.key === 'event-1') throw new TypeError('unforeseen');
      return ledger.acquire(what, leaseSeconds);
    },
  }));
  expect(await leases.of(all[0] as { key: string })).toHaveProperty('complete');
  await expect((async () => leases.of(all[1] as { key: string }))()).rejects.toThrow('unforeseen');
  await leases.releaseUnused();
  expect([await state('event-0'), await state('event-2')]).toEqual(['busy', 'acquired']);
});
