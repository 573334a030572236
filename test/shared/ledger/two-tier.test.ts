import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock } from '../../clock.ts';
import { startTable, unique } from '../../support/table.ts';
import { held, keepsTheBindingContract, keepsTheLedgerContract, keepsTheTwinContract } from './contract.ts';

const LEASE = 8;
const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };
const MODES: readonly LedgerOutage[] = ['proceed', 'refuse'];

describe.each(MODES)('one instance before a ledger that is well, in mode %s', (mode) => {
  const subject = () => {
    const clock = manualClock();
    return { ledger: twoTierLedger(memoryLedger(clock), memoryLedger(clock), mode, clock), clock };
  };
  keepsTheLedgerContract(subject);
  keepsTheTwinContract(subject);
  keepsTheBindingContract(subject);
});

test('a late repeat of one event does not make another of the same call done', async () => {
  const clock = manualClock();
  const shared = memoryLedger(clock);
  const [one, other] = [1, 2].map(() => twoTierLedger(shared, memoryLedger(clock), 'refuse', clock)) as [
    Ledger,
    Ledger,
  ];
  const event = (key: string) => ({ key, alias: { key: 'call', seconds: 60 }, partition: 'call' });
  await held(await one.acquire(event('first'), LEASE)).complete();
  await clock.advance(60_000);
  expect((await other.acquire(event('first'), LEASE)).state).toBe('done');
  expect((await other.acquire(event('second'), LEASE)).state).toBe('acquired');
});

describe('before a ledger that takes longer to answer than a lease lasts', () => {
  test('what comes again meanwhile finds the event in hand, and is not handled beside it', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const acquire: Ledger['acquire'] = async (...what) => {
      const claimed = await shared.acquire(...what);
      await clock.sleep(2 * LEASE * 1000);
      return claimed;
    };
    const ledger = twoTierLedger({ ...shared, acquire }, memoryLedger(clock), 'refuse', clock);
    const both = [ledger.acquire({ key: 'event' }, LEASE), ledger.acquire({ key: 'event' }, LEASE)];
    await clock.advance(4 * LEASE * 1000);
    expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['acquired', 'busy']);
  });

  test('a claim stays in hand here while its renewal waits for an answer', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const acquire: Ledger['acquire'] = async (...what) => {
      const lease = held(await shared.acquire(...what));
      return { state: 'acquired', lease: { ...lease, renew: () => new Promise(() => {}) } };
    };
    const ledger = twoTierLedger({ ...shared, acquire }, memoryLedger(clock), 'refuse', clock);
    const lease = held(await ledger.acquire({ key: 'event' }, LEASE));
    for (let turn = 0; turn < 6; turn++) {
      await clock.advance((LEASE / 2) * 1000);
      void lease.renew();
    }
    expect((await ledger.acquire({ key: 'event' }, LEASE)).state).toBe('busy');
    await lease.complete();
    expect((await ledger.acquire({ key: 'event' }, LEASE)).state).toBe('done');
  });
});

// From here on: the real SDK and Azurite, with a line between them that is cut.
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => table.azurite.up());

/** An instance in a mode, and another one that never is out. */
async function instances(mode: LedgerOutage) {
  const clock = manualClock();
  const { ledger: shared, table: watched } = table.instance(clock, table.azurite.url);
  const ledger = twoTierLedger(shared, memoryLedger(clock), mode, clock);
  const elsewhere = table.instance(clock).ledger;
  await Promise.all([ledger.warm(), elsewhere.warm()]);
  table.proxy.asked();
  return {
    clock,
    ledger,
    watched,
    elsewhere,
    state: async (key: string) => (await elsewhere.acquire({ key }, LEASE)).state,
  };
}

describe('while the table is out', () => {
  test('proceed: an instance goes by what it knows, so that an event is handled at least once', async () => {
    const { ledger } = await instances('proceed');
    await table.azurite.down();
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE));
    expect((await ledger.acquire({ key }, LEASE)).state).toBe('busy');
    await lease.renew();
    await lease.complete();
    expect((await ledger.acquire({ key }, LEASE)).state).toBe('done');
    const failed = held(await ledger.acquire({ key: unique() }, LEASE));
    await failed.release();
    const name = unique();
    expect(await ledger.get(name)).toBeUndefined();
    expect(await ledger.putIfAbsent(name, 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent(name, 'second', 60)).toBe('first');
    expect(await ledger.get(name)).toBe('first');
  });

  test('refuse: nothing is claimed or bound, and nothing is held by what was refused', async () => {
    const { clock, ledger } = await instances('refuse');
    await table.azurite.down();
    const [key, name] = [unique(), unique()];
    await expect(ledger.acquire({ key }, LEASE)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.putIfAbsent(name, 'first', 60)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.get(name)).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    await clock.advance(1000);
    expect(await ledger.putIfAbsent(name, 'second', 60)).toBe('second');
    expect((await ledger.acquire({ key }, LEASE)).state).toBe('acquired');
  });

  test.each(MODES)('%s: what this instance has handled, or is handling, it knows', async (mode) => {
    const { ledger } = await instances(mode);
    const [done, inHand, name] = [unique(), unique(), unique()];
    await held(await ledger.acquire({ key: done }, LEASE)).complete();
    await ledger.acquire({ key: inHand }, LEASE);
    await ledger.putIfAbsent(name, 'value', 60);
    await table.azurite.down();
    expect((await ledger.acquire({ key: done }, LEASE)).state).toBe('done');
    expect((await ledger.acquire({ key: inHand }, LEASE)).state).toBe('busy');
    expect([await ledger.get(name), await ledger.putIfAbsent(name, 'other', 60)]).toEqual(['value', 'value']);
  });

  test('proceed: what was bound through this instance holds for its time, however long ago it asked', async () => {
    const { clock, ledger } = await instances('proceed');
    const name = unique();
    await ledger.putIfAbsent(name, 'genuine', 7200);
    await clock.advance(3_600_000);
    await table.azurite.down();
    expect(await ledger.get(name)).toBe('genuine');
    expect(await ledger.putIfAbsent(name, 'forged', 7200)).toBe('genuine');
  });

  test.each(MODES)(
    '%s: a claim from before the outage cannot be settled, and can be once it is over',
    async (mode) => {
      const { clock, ledger, state } = await instances(mode);
      const key = unique();
      const lease = held(await ledger.acquire({ key }, LEASE));
      await table.azurite.down();
      await expect(lease.renew()).rejects.toMatchObject(OUTAGE);
      await expect(lease.complete()).rejects.toMatchObject(OUTAGE);
      expect((await ledger.acquire({ key }, LEASE)).state).toBe('done');
      await table.azurite.up();
      expect(await state(key)).toBe('busy');
      await clock.advance(1000);
      await lease.complete();
      expect(await state(key)).toBe('done');
    },
  );

  test.each(MODES)('%s: a claim that could not be given back runs out', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE));
    await table.azurite.down();
    await expect(lease.release()).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    expect(await state(key)).toBe('busy');
    await clock.advance(LEASE * 1000);
    expect(await state(key)).toBe('acquired');
  });

  test.each(MODES)('%s: a claim that missed a renewal is renewed once it is over', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.acquire({ key }, LEASE));
    await table.azurite.down();
    await clock.advance(6000);
    await expect(lease.renew()).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    await clock.advance(1000);
    await lease.renew();
    await clock.advance(LEASE * 1000 - 1);
    expect(await state(key)).toBe('busy');
  });

  test.each(MODES)('%s: it is known to be out without being asked, and to be back', async (mode) => {
    const { clock, ledger } = await instances(mode);
    await table.azurite.down();
    await Promise.resolve(ledger.acquire({ key: unique() }, LEASE)).catch(() => {});
    expect(ledger.isAvailable()).toBe(false);
    await table.azurite.up();
    await clock.advance(1000);
    await ledger.warm();
    expect(ledger.isAvailable()).toBe(true);
  });
});

describe('what is not asked for', () => {
  async function counted() {
    const clock = manualClock();
    const ledger = twoTierLedger(table.instance(clock).ledger, memoryLedger(clock), 'refuse', clock);
    await ledger.warm();
    table.proxy.asked();
    return { clock, ledger, asked: () => table.proxy.asked().length };
  }

  test('what is done or busy here', async () => {
    const { ledger, asked } = await counted();
    const [done, busy] = [unique(), unique()];
    await held(await ledger.acquire({ key: done }, LEASE)).complete();
    await ledger.acquire({ key: busy }, LEASE);
    expect(asked()).toBe(3);
    expect((await ledger.acquire({ key: done }, LEASE)).state).toBe('done');
    expect((await ledger.acquire({ key: busy }, LEASE)).state).toBe('busy');
    expect(asked()).toBe(0);
  });

  test('what is done elsewhere, once that is known here', async () => {
    const { ledger, asked } = await counted();
    const key = unique();
    await held(await table.instance().ledger.acquire({ key }, LEASE)).complete();
    expect((await ledger.acquire({ key }, LEASE)).state).toBe('done');
    asked();
    expect((await ledger.acquire({ key }, LEASE)).state).toBe('done');
    expect(asked()).toBe(0);
  });

  test('a binding that is known here, for ten minutes and no longer than it holds', async () => {
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
