import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzurite } from '../../../local/stand-ins/azurite.ts';
import type { Azurite } from '../../../local/stand-ins/azurite.ts';
import { faults } from '../../../local/stand-ins/faults.ts';
import type { Fault } from '../../../local/stand-ins/faults.ts';
import { instance, unique } from '../../support/table.ts';

// Every fault that a service can play, played by the table: never an answer, always an outage of ours, and over with it.
const LEASE = 8;
const DEADLINE = 5000;
const SLOW = new Set<Fault>(['hang', 'drip', 'throttled', 'unavailable']);
let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

test.each(Object.keys(faults) as Fault[])(
  'a table that is ailing (%s) is out, and well again with it',
  async (fault) => {
    const { clock, ledger } = instance(azurite.url);
    await ledger.warm();
    azurite.play(fault);
    const claimed = Promise.resolve(ledger.acquire({ key: unique() }, LEASE)).catch(
      (thrown: unknown) => thrown,
    );
    // Nobody waits for it longer than five seconds, also where it asks for more.
    if (SLOW.has(fault)) {
      await expect.poll(() => clock.sleepers()).toBeGreaterThan(0);
      await clock.advance(DEADLINE);
    }
    expect(await claimed).toMatchObject({ name: 'Outage', reason: 'ledger-unavailable' });
    expect(ledger.isAvailable()).toBe(false);

    azurite.play();
    await clock.advance(60_000);
    expect((await ledger.acquire({ key: unique() }, LEASE)).state).toBe('acquired');
    expect(ledger.isAvailable()).toBe(true);
  },
);

test('a page that somebody in between answers with 200 grants no claim, binds nothing and is no row', async () => {
  const { clock, ledger, table } = instance(azurite.url);
  await ledger.warm();
  const key = unique();
  await ledger.putIfAbsent(key, 'first', 60);
  azurite.play('html');
  const outage = { name: 'Outage', reason: 'ledger-unavailable' };
  for (const ask of [
    () => ledger.acquire({ key, alias: { key: `${key} too`, seconds: 60 } }, LEASE),
    () => ledger.putIfAbsent(key, 'second', 60),
    () => ledger.get(key),
    () => table.read('partition', 'name'),
  ]) {
    await clock.advance(60_000);
    await expect(ask()).rejects.toMatchObject(outage);
  }
  await clock.advance(60_000);
  await ledger.warm();
  expect(ledger.isAvailable()).toBe(false);
  azurite.play();
});
