import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { localFirst } from '../../../shared/ledger/two-tier.ts';
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
    return { ledger: localFirst(memoryLedger(clock), memoryLedger(clock), mode, clock), clock };
  };
  keepsTheLedgerContract(subject);
  keepsTheTwinContract(subject);
  keepsTheBindingContract(subject);
});

test('a late repeat of one event does not make another of the same call done', async () => {
  const clock = manualClock();
  const shared = memoryLedger(clock);
  const [one, other] = [1, 2].map(() => localFirst(shared, memoryLedger(clock), 'refuse', clock)) as [
    Ledger,
    Ledger,
  ];
  const event = (key: string) => ({ key, also: { key: 'call', seconds: 60 }, partition: 'call' });
  await held(await one.claim(event('first'), LEASE)).settle();
  await clock.advance(60_000);
  expect((await other.claim(event('first'), LEASE)).state).toBe('done');
  expect((await other.claim(event('second'), LEASE)).state).toBe('claimed');
});

describe('before a ledger that takes longer to answer than a lease lasts', () => {
  test('what comes again meanwhile finds the event in hand, and is not handled beside it', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const claim: Ledger['claim'] = async (...what) => {
      const claimed = await shared.claim(...what);
      await clock.sleep(2 * LEASE * 1000);
      return claimed;
    };
    const ledger = localFirst({ ...shared, claim }, memoryLedger(clock), 'refuse', clock);
    const both = [ledger.claim({ key: 'event' }, LEASE), ledger.claim({ key: 'event' }, LEASE)];
    await clock.advance(4 * LEASE * 1000);
    expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['claimed', 'busy']);
  });

  test('a claim stays in hand here while its renewal waits for an answer', async () => {
    const clock = manualClock();
    const shared = memoryLedger(clock);
    const claim: Ledger['claim'] = async (...what) => {
      const lease = held(await shared.claim(...what));
      return { state: 'claimed', lease: { ...lease, renew: () => new Promise(() => {}) } };
    };
    const ledger = localFirst({ ...shared, claim }, memoryLedger(clock), 'refuse', clock);
    const lease = held(await ledger.claim({ key: 'event' }, LEASE));
    for (let turn = 0; turn < 6; turn++) {
      await clock.advance((LEASE / 2) * 1000);
      void lease.renew();
    }
    expect((await ledger.claim({ key: 'event' }, LEASE)).state).toBe('busy');
    await lease.settle();
    expect((await ledger.claim({ key: 'event' }, LEASE)).state).toBe('done');
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
  const ledger = localFirst(shared, memoryLedger(clock), mode, clock);
  const elsewhere = table.instance(clock).ledger;
  await Promise.all([ledger.warm(), elsewhere.warm()]);
  table.proxy.asked();
  return {
    clock,
    ledger,
    watched,
    elsewhere,
    state: async (key: string) => (await elsewhere.claim({ key }, LEASE)).state,
  };
}

describe('while the table is out', () => {
  test('proceed: an instance goes by what it knows, so that an event is handled at least once', async () => {
    const { ledger } = await instances('proceed');
    await table.azurite.down();
    const key = unique();
    const lease = held(await ledger.claim({ key }, LEASE));
    expect((await ledger.claim({ key }, LEASE)).state).toBe('busy');
    await lease.renew();
    await lease.settle();
    expect((await ledger.claim({ key }, LEASE)).state).toBe('done');
    const failed = held(await ledger.claim({ key: unique() }, LEASE));
    await failed.release();
    const name = unique();
    expect(await ledger.bound(name)).toBeUndefined();
    expect(await ledger.bind(name, 'first', 60)).toBe('first');
    expect(await ledger.bind(name, 'second', 60)).toBe('first');
    expect(await ledger.bound(name)).toBe('first');
  });

  test('refuse: nothing is claimed or bound, and nothing is held by what was refused', async () => {
    const { clock, ledger } = await instances('refuse');
    await table.azurite.down();
    const [key, name] = [unique(), unique()];
    await expect(ledger.claim({ key }, LEASE)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.bind(name, 'first', 60)).rejects.toMatchObject(OUTAGE);
    await expect(ledger.bound(name)).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    await clock.advance(1000);
    expect(await ledger.bind(name, 'second', 60)).toBe('second');
    expect((await ledger.claim({ key }, LEASE)).state).toBe('claimed');
  });

  test.each(MODES)('%s: what this instance has handled, or is handling, it knows', async (mode) => {
    const { ledger } = await instances(mode);
    const [done, inHand, name] = [unique(), unique(), unique()];
    await held(await ledger.claim({ key: done }, LEASE)).settle();
    await ledger.claim({ key: inHand }, LEASE);
    await ledger.bind(name, 'value', 60);
    await table.azurite.down();
    expect((await ledger.claim({ key: done }, LEASE)).state).toBe('done');
    expect((await ledger.claim({ key: inHand }, LEASE)).state).toBe('busy');
    expect([await ledger.bound(name), await ledger.bind(name, 'other', 60)]).toEqual(['value', 'value']);
  });

  test('proceed: what was bound through this instance holds for its time, however long ago it asked', async () => {
    const { clock, ledger } = await instances('proceed');
    const name = unique();
    await ledger.bind(name, 'genuine', 7200);
    await clock.advance(3_600_000);
    await table.azurite.down();
    expect(await ledger.bound(name)).toBe('genuine');
    expect(await ledger.bind(name, 'forged', 7200)).toBe('genuine');
  });

  test.each(MODES)(
    '%s: a claim from before the outage cannot be settled, and can be once it is over',
    async (mode) => {
      const { clock, ledger, state } = await instances(mode);
      const key = unique();
      const lease = held(await ledger.claim({ key }, LEASE));
      await table.azurite.down();
      await expect(lease.renew()).rejects.toMatchObject(OUTAGE);
      await expect(lease.settle()).rejects.toMatchObject(OUTAGE);
      expect((await ledger.claim({ key }, LEASE)).state).toBe('done');
      await table.azurite.up();
      expect(await state(key)).toBe('busy');
      await clock.advance(1000);
      await lease.settle();
      expect(await state(key)).toBe('done');
    },
  );

  test.each(MODES)('%s: a claim that could not be given back runs out', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.claim({ key }, LEASE));
    await table.azurite.down();
    await expect(lease.release()).rejects.toMatchObject(OUTAGE);
    await table.azurite.up();
    expect(await state(key)).toBe('busy');
    await clock.advance(LEASE * 1000);
    expect(await state(key)).toBe('claimed');
  });

  test.each(MODES)('%s: a claim that missed a renewal is renewed once it is over', async (mode) => {
    const { clock, ledger, state } = await instances(mode);
    const key = unique();
    const lease = held(await ledger.claim({ key }, LEASE));
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
    await Promise.resolve(ledger.claim({ key: unique() }, LEASE)).catch(() => {});
    expect(ledger.isOut()).toBe(true);
    await table.azurite.up();
    await clock.advance(1000);
    await ledger.warm();
    expect(ledger.isOut()).toBe(false);
  });
});

describe('what is not asked for', () => {
  async function counted() {
    const clock = manualClock();
    const ledger = localFirst(table.instance(clock).ledger, memoryLedger(clock), 'refuse', clock);
    await ledger.warm();
    table.proxy.asked();
    return { clock, ledger, asked: () => table.proxy.asked().length };
  }

  test('what is done or busy here', async () => {
    const { ledger, asked } = await counted();
    const [done, busy] = [unique(), unique()];
    await held(await ledger.claim({ key: done }, LEASE)).settle();
    await ledger.claim({ key: busy }, LEASE);
    expect(asked()).toBe(3);
    expect((await ledger.claim({ key: done }, LEASE)).state).toBe('done');
    expect((await ledger.claim({ key: busy }, LEASE)).state).toBe('busy');
    expect(asked()).toBe(0);
  });

  test('what is done elsewhere, once that is known here', async () => {
    const { ledger, asked } = await counted();
    const key = unique();
    await held(await table.instance().ledger.claim({ key }, LEASE)).settle();
    expect((await ledger.claim({ key }, LEASE)).state).toBe('done');
    asked();
    expect((await ledger.claim({ key }, LEASE)).state).toBe('done');
    expect(asked()).toBe(0);
  });

  test('a binding that is known here, for ten minutes and no longer than it holds', async () => {
    const { clock, ledger, asked } = await counted();
    const [long, short] = [unique(), unique()];
    await ledger.bind(long, 'value', 3600);
    await ledger.bind(short, 'value', 60);
    expect(asked()).toBe(2);
    await clock.advance(59_999);
    expect(await Promise.all([long, short].map((name) => ledger.bound(name)))).toEqual(['value', 'value']);
    expect([await ledger.bind(long, 'other', 60), asked()]).toEqual(['value', 0]);
    await clock.advance(1);
    expect([await ledger.bound(short), asked()]).toEqual([undefined, 1]);
    await clock.advance(540_000);
    expect([await ledger.bound(long), asked()]).toEqual(['value', 1]);
    expect([await ledger.bound(long), asked()]).toEqual(['value', 0]);
  });
});
