import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock } from '../../clock.ts';
import { startTable, unique } from '../../support/table.ts';
import { held, keepsTheValueContract, keepsTheLedgerContract, keepsTheAliasContract } from './contract.ts';

const LEASE_SECONDS = 8;
const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };
const MODES: readonly LedgerOutage[] = ['proceed', 'refuse'];

describe.each(MODES)('one instance with an available shared ledger, in mode %s', (mode) => {
  const subject = () => {
    const clock = manualClock();
    return { ledger: twoTierLedger(memoryLedger(clock), memoryLedger(clock), mode, clock, () => {}), clock };
  };
  keepsTheLedgerContract(subject);
  keepsTheAliasContract(subject);
  keepsTheValueContract(subject);
});

test('a late repeat of one event does not mark another of the same call as done', async () => {
  const clock = manualClock();
  const shared = memoryLedger(clock);
  const [one, other] = [1, 2].map(() =>
    twoTierLedger(shared, memoryLedger(clock), 'refuse', clock, () => {}),
  ) as [Ledger, Ledger];
  const event = (key: string) => ({ key, alias: { key: 'call', seconds: 60 } });
  await held(await one.acquire(event('first'), LEASE_SECONDS)).complete();
  await clock.advance(60_000);
  expect((await other.acquire(event('first'), LEASE_SECONDS)).state).toBe('done');
  expect((await other.acquire(event('second'), LEASE_SECONDS)).state).toBe('acquired');
});

describe('with a shared ledger that takes longer to answer than a lease lasts', () => {
  test('a repeat that arrives meanwhile is busy', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const acquire: Ledger['acquire'] = async (...given) => {
      const acquisition = await shared.acquire(...given);
      await clock.sleep(2 * LEASE_SECONDS * 1000);
      return acquisition;
    };
    const ledger = twoTierLedger({ ...shared, acquire }, memoryLedger(clock), 'refuse', clock, () => {});
    const both = [
      ledger.acquire({ key: 'event' }, LEASE_SECONDS),
      ledger.acquire({ key: 'event' }, LEASE_SECONDS),
    ];
    await clock.advance(4 * LEASE_SECONDS * 1000);
    expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['acquired', 'busy']);
  });

  test('a lease stays held here while its renewal waits for an answer', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const acquire: Ledger['acquire'] = async (...given) => {
      const lease = held(await shared.acquire(...given));
      return { state: 'acquired', lease: { ...lease, renew: () => new Promise(() => {}) } };
    };
    const ledger = twoTierLedger({ ...shared, acquire }, memoryLedger(clock), 'refuse', clock, () => {});
    const lease = held(await ledger.acquire({ key: 'event' }, LEASE_SECONDS));
    for (let turn = 0; turn < 6; turn++) {
      await clock.advance((LEASE_SECONDS / 2) * 1000);
      void lease.renew();
    }
    expect((await ledger.acquire({ key: 'event' }, LEASE_SECONDS)).state).toBe('busy');
    await lease.complete();
    expect((await ledger.acquire({ key: 'event' }, LEASE_SECONDS)).state).toBe('done');
  });
});

// From here on: the real SDK, and Azurite, which goes down and up.
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => table.azurite.up());

/** An instance in a mode, and a second one to check with. */
async function instances(mode: LedgerOutage) {
  const clock = manualClock();
  const { ledger: shared, table: watched } = table.instance(clock, table.azurite.url);
  const ledger = twoTierLedger(shared, memoryLedger(clock), mode, clock, () => {});
  const elsewhere = table.instance(clock).ledger;
  await Promise.all([ledger.warm(), elsewhere.warm()]);
  table.proxy.asked();
  return {
    clock,
    ledger,
    watched,
    elsewhere,
    state: async (key: string) => (await elsewhere.acquire({ key }, LEASE_SECONDS)).state,
  };
}

describe('during an outage of the table', () => {
  test('proceed: an instance uses its own ledger, so that an event is handled at least once', async () => {
    const { ledger } = await instances('proceed');
    await table.azurite.down();
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE_SECONDS));
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('busy');
    await lease.renew();
    await lease.complete();
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('done');
    const failed = held(await ledger.acquire({ key: unique() }, LEASE_SECONDS));
    await failed.release();
    const name = unique();
    expect(await ledger.get(name)).toBeUndefined();
    expect(await ledger.putIfAbsent(name, 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent(name, 'second', 60)).toBe('first');
    expect(await ledger.get(name)).toBe('first');
  });

  test('refuse: nothing is acquired or stored, and nothing is left behind', async () => {
    const { clock, ledger } = await instances('refuse');
    await table.azurite.down();
    const [key, name] = [unique(), unique()];
    await expect(ledger.acquire({ key }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.putIfAbsent(name, 'first', 60)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.get(name)).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    await clock.advance(1000);
    expect(await ledger.putIfAbsent(name, 'second', 60)).toBe('second');
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('acquired');
  });

  test.each(MODES)('%s: an instance knows what it has handled and is handling', async (mode) => {
    const { ledger } = await instances(mode);
    const [done, busy, name] = [unique(), unique(), unique()];
    await held(await ledger.acquire({ key: done }, LEASE_SECONDS)).complete();
    await ledger.acquire({ key: busy }, LEASE_SECONDS);
    await ledger.putIfAbsent(name, 'value', 60);
    await table.azurite.down();
    expect((await ledger.acquire({ key: done }, LEASE_SECONDS)).state).toBe('done');
    expect((await ledger.acquire({ key: busy }, LEASE_SECONDS)).state).toBe('busy');
    expect([await ledger.get(name), await ledger.putIfAbsent(name, 'other', 60)]).toEqual(['value', 'value']);
  });

  test('proceed: a value that this instance stored is known until it expires', async () => {
    const { clock, ledger } = await instances('proceed');
    const name = unique();
    await ledger.putIfAbsent(name, 'genuine', 7200);
    await clock.advance(3_600_000);
    await table.azurite.down();
    expect(await ledger.get(name)).toBe('genuine');
    expect(await ledger.putIfAbsent(name, 'forged', 7200)).toBe('genuine');
  });

  test.each(MODES)('%s: a lease from before the outage can be completed only after it', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE_SECONDS));
    await table.azurite.down();
    await expect(lease.renew()).rejects.toMatchObject(OUTAGE);
    await expect(lease.complete()).rejects.toMatchObject(OUTAGE);
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('done');
    await table.azurite.up();
    expect(await state(key)).toBe('busy');
    await clock.advance(1000);
    await lease.complete();
    expect(await state(key)).toBe('done');
  });

  test.each(MODES)('%s: a lease that could not be released expires', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE_SECONDS));
    await table.azurite.down();
    await expect(lease.release()).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    expect(await state(key)).toBe('busy');
    await clock.advance(LEASE_SECONDS * 1000);
    expect(await state(key)).toBe('acquired');
  });

  test.each(MODES)('%s: a lease that missed a renewal is renewed after the outage', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE_SECONDS));
    await table.azurite.down();
    await clock.advance(6000);
    await expect(lease.renew()).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    await clock.advance(1000);
    await lease.renew();
    await clock.advance(LEASE_SECONDS * 1000 - 1);
    expect(await state(key)).toBe('busy');
  });

  test.each(MODES)('%s: the ledger tells when it is out, and when it is back', async (mode) => {
    const { clock, ledger } = await instances(mode);
    await table.azurite.down();
    await ledger.acquire({ key: unique() }, LEASE_SECONDS).catch(() => {});
    expect(ledger.isAvailable()).toBe(false);
    await table.azurite.up();
    await clock.advance(1000);
    await ledger.warm();
    expect(ledger.isAvailable()).toBe(true);
  });
});

describe('the shared ledger is not asked', () => {
  async function counted() {
    const clock = manualClock();
    const ledger = twoTierLedger(
      table.instance(clock).ledger,
      memoryLedger(clock),
      'refuse',
      clock,
      () => {},
    );
    await ledger.warm();
    table.proxy.asked();
    return { clock, ledger, asked: () => table.proxy.asked().length };
  }

  test('about a key that is done or busy here', async () => {
    const { ledger, asked } = await counted();
    const [done, busy] = [unique(), unique()];
    await held(await ledger.acquire({ key: done }, LEASE_SECONDS)).complete();
    await ledger.acquire({ key: busy }, LEASE_SECONDS);
    expect(asked()).toBe(3);
    expect((await ledger.acquire({ key: done }, LEASE_SECONDS)).state).toBe('done');
    expect((await ledger.acquire({ key: busy }, LEASE_SECONDS)).state).toBe('busy');
    expect(asked()).toBe(0);
  });

  test('again about a key that another instance completed', async () => {
    const { ledger, asked } = await counted();
    const key = unique();
    await held(await table.instance().ledger.acquire({ key }, LEASE_SECONDS)).complete();
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('done');
    asked();
    expect((await ledger.acquire({ key }, LEASE_SECONDS)).state).toBe('done');
    expect(asked()).toBe(0);
  });

  test('about a value that is known here, for ten minutes and no longer than it is stored', async () => {
    const { clock, ledger, asked } = await counted();
    const [long, short] = [unique(), unique()];
    await ledger.putIfAbsent(long, 'value', 3600);
    await ledger.putIfAbsent(short, 'value', 60);
    expect(asked()).toBe(2);
    await clock.advance(59_999);
    expect(await Promise.all([long, short].map((name) => ledger.get(name)))).toEqual(['value', 'value']);
    expect([await ledger.putIfAbsent(long, 'other', 60), asked()]).toEqual(['value', 0]);
    await clock.advance(1);
    expect([await ledger.get(short), asked()]).toEqual([undefined, 1]);
    await clock.advance(540_000);
    expect([await ledger.get(long), asked()]).toEqual(['value', 1]);
    expect([await ledger.get(long), asked()]).toEqual(['value', 0]);
  });
});
