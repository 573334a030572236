import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import { acquireInTime } from '../../../shared/delivery/leases.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { manualClock, settled } from '../../clock.ts';

const LEASE = 8;

test('a lease that comes in time is what it is', async () => {
  const ledger = memoryLedger(manualClock());
  const { signal } = new AbortController();
  expect((await acquireInTime(ledger.acquire({ key: 'key' }, LEASE), signal)).state).toBe('acquired');
  expect((await acquireInTime(ledger.acquire({ key: 'key' }, LEASE), signal)).state).toBe('busy');
});

test('one that comes too late is an outage, and is released when it does come', async () => {
  const ledger = memoryLedger(manualClock());
  const limit = new AbortController();
  const late = Promise.withResolvers<void>();
  const waiting = acquireInTime(
    late.promise.then(() => ledger.acquire({ key: 'key' }, LEASE)),
    limit.signal,
  );
  limit.abort();
  await expect(waiting).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  late.resolve();
  await settled();
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('acquired');
});

test.each([
  ['that fails', () => Promise.reject(new Outage('ledger-unavailable'))],
  ['of what is done', async () => ({ state: 'done' }) as const],
])('one %s too late is nobody’s unhandled rejection', async (_what, acquire) => {
  const failed: unknown[] = [];
  const note = (thrown: unknown) => failed.push(thrown);
  process.on('unhandledRejection', note);
  const limit = new AbortController();
  const late = Promise.withResolvers<void>();
  const waiting = acquireInTime(late.promise.then(acquire), limit.signal);
  limit.abort();
  await expect(waiting).rejects.toThrow(Outage);
  late.resolve();
  await settled();
  process.off('unhandledRejection', note);
  expect(failed).toEqual([]);
});
