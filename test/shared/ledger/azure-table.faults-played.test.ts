import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzurite } from '../../../local/fakes/azurite.ts';
import type { Azurite } from '../../../local/fakes/azurite.ts';
import { faults } from '../../../local/fakes/faults.ts';
import type { Fault } from '../../../local/fakes/faults.ts';
import { instance, unique } from '../../support/table.ts';

// The table plays every fault. Each one is an outage, never an answer, and the outage ends with the fault.
const LEASE_SECONDS = 8;
const TIMEOUT_MS = 5000;
const SLOW = new Set<Fault>(['hang', 'drip', 'throttled', 'unavailable']);
let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

test.each(Object.keys(faults) as Fault[])(
  'a table with a fault (%s) is out until the fault ends',
  async (fault) => {
    const { clock, ledger } = instance(azurite.url);
    await ledger.warm();
    azurite.play(fault);
    const acquired = ledger.acquire({ key: unique() }, LEASE_SECONDS).catch((thrown: unknown) => thrown);
    // No call waits longer than five seconds, even if the table asks for more.
    if (SLOW.has(fault)) {
      await expect.poll(() => clock.sleepers()).toBeGreaterThan(0);
      await clock.advance(TIMEOUT_MS);
    }
    expect(await acquired).toMatchObject({ name: 'Outage', reason: 'ledger-unavailable' });
    expect(ledger.isAvailable()).toBe(false);

    azurite.play();
    await clock.advance(60_000);
    expect((await ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
    expect(ledger.isAvailable()).toBe(true);
  },
);

test('a page of a proxy in between with status 200 grants no lease, stores no value and is no row', async () => {
  const { clock, ledger, table } = instance(azurite.url);
  await ledger.warm();
  const key = unique();
  await ledger.putIfAbsent(key, 'first', 60);
  azurite.play('html');
  const outage = { name: 'Outage', reason: 'ledger-unavailable' };
  for (const ask of [
    () => ledger.acquire({ key, alias: { key: `${key} too`, seconds: 60 } }, LEASE_SECONDS),
    () => ledger.putIfAbsent(key, 'second', 60),
    () => ledger.get(key),
    () => table.read({ partition: 'partition', name: 'name' }),
  ]) {
    await clock.advance(60_000);
    await expect(ask()).rejects.toMatchObject(outage);
  }
  await clock.advance(60_000);
  await ledger.warm();
  expect(ledger.isAvailable()).toBe(false);
  azurite.play();
});
