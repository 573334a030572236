import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerKey } from '../../../shared/ledger/ledger.ts';
import { manualClock } from '../../clock.ts';
import { startTable, unique } from '../../support/table.ts';
import { held } from './contract.ts';

// The real SDK and Azurite. A proxy between them loses answers and refuses requests.
const LEASE_SECONDS = 8;
const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
afterEach(() => table.proxy.well());

/** Two instances on one clock, both connected. */
async function instances() {
  const clock = manualClock();
  const [one, other] = [table.instance(clock), table.instance(clock)];
  await Promise.all([one.table.warm(), other.table.warm()]);
  table.proxy.asked();
  return {
    clock,
    one,
    other,
    elsewhere: async (key: LedgerKey) => (await other.ledger.acquire(key, LEASE_SECONDS)).state,
  };
}

test('a role that may not create the table, but may use it, is no outage', async () => {
  await instances();
  const { ledger } = table.instance();
  table.proxy.asked();
  table.proxy.next(403);
  expect((await ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
  expect(table.proxy.asked()).toEqual(['POST Tables', 'POST ringward']);
});

test('a role that may do neither is an outage', async () => {
  const { ledger } = table.instance();
  table.proxy.next(403, 403);
  await expect(ledger.acquire({ key: unique() }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
  expect(ledger.isAvailable()).toBe(false);
});

/** An event with one row, and one with two rows. */
const events: [string, number, () => LedgerKey][] = [
  ['an event', 1, () => ({ key: unique() })],
  ['an incoming call', 2, () => ({ key: unique(), alias: { key: unique('call'), seconds: 60 } })],
];
/** Of a request: the first, and the retries of the SDK. */
const ATTEMPTS = 3;

describe.each(events)('a lost answer about %s', (_what, rows, newEvent) => {
  test('to acquire: the key is acquired anyway, by nobody else', async () => {
    const { one, elsewhere } = await instances();
    const event = newEvent();
    table.proxy.next('answer-lost');
    const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
    expect(await elsewhere(event)).toBe('busy');
    await lease.complete();
    expect(await elsewhere(event)).toBe('done');
  });

  test('to renew: the lease lasts for its full length, and can be renewed and completed', async () => {
    const { clock, one, elsewhere } = await instances();
    const event = newEvent();
    const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
    await clock.advance(6000);
    table.proxy.next('answer-lost');
    await lease.renew();
    await clock.advance(6000);
    expect(await elsewhere(event)).toBe('busy');
    await lease.renew();
    await clock.advance(6000);
    expect(await elsewhere(event)).toBe('busy');
    await lease.complete();
    expect(await elsewhere(event)).toBe('done');
  });

  test('to complete: the key is done', async () => {
    const { one, elsewhere } = await instances();
    const event = newEvent();
    const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
    table.proxy.next('answer-lost');
    await lease.complete();
    expect(await elsewhere(event)).toBe('done');
  });

  test('to release: the key is free, and the old lease does not disturb the next holder', async () => {
    const { one, elsewhere } = await instances();
    const event = newEvent();
    const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
    table.proxy.next('answer-lost');
    await lease.release();
    expect(await elsewhere(event)).toBe('acquired');
    await lease.complete();
    expect(await elsewhere(event)).toBe('busy');
  });

  test.each<['renew' | 'complete' | 'release', string]>([
    ['renew', 'busy'],
    ['complete', 'done'],
    ['release', 'acquired'],
  ])('to every attempt to %s is an outage, and a later attempt succeeds', async (act, state) => {
    const { clock, one, elsewhere } = await instances();
    const event = newEvent();
    const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
    table.proxy.next(...Array<'answer-lost'>(ATTEMPTS * rows).fill('answer-lost'));
    await expect(lease[act]()).rejects.toMatchObject(OUTAGE);
    await clock.advance(1000);
    await lease[act]();
    expect(await elsewhere(event)).toBe(state);
  });
});

test('the first event after an outage is acquired, also if it has two rows', async () => {
  const { clock, one, elsewhere } = await instances();
  table.proxy.next(403);
  await expect(one.ledger.get(unique())).rejects.toMatchObject(OUTAGE);
  await clock.advance(1000);
  const event = { key: unique(), alias: { key: unique('call'), seconds: 60 } };
  expect((await one.ledger.acquire(event, LEASE_SECONDS)).state).toBe('acquired');
  expect(await elsewhere(event)).toBe('busy');
});

test('two lost answers to one renewal lose no lease', async () => {
  const { one, elsewhere } = await instances();
  const event = { key: unique() };
  const lease = held(await one.ledger.acquire(event, LEASE_SECONDS));
  // After each the SDK's retry finds the row changed, and the lease reads who changed it.
  table.proxy.next('answer-lost', 'well', 'well', 'answer-lost');
  expect(await lease.renew()).toBe(true);
  table.proxy.next('answer-lost', 'well', 'well', 'answer-lost');
  expect(await lease.complete()).toBe(true);
  expect(await elsewhere(event)).toBe('done');
});

test('a lost answer to putIfAbsent: the value is stored, and later callers get it', async () => {
  const { clock, one, other } = await instances();
  const name = unique();
  table.proxy.next('answer-lost');
  expect(await one.ledger.putIfAbsent(name, 'first', 60)).toBe('first');
  expect(await other.ledger.putIfAbsent(name, 'second', 60)).toBe('first');
  await clock.advance(60_000);
  table.proxy.next('answer-lost');
  expect(await one.ledger.putIfAbsent(name, 'third', 60)).toBe('third');
  expect(await other.ledger.get(name)).toBe('third');
});

test.each([[503], [500]])('a short %i is no outage: the SDK retries in time', async (status) => {
  const { one } = await instances();
  table.proxy.next(status, status);
  expect((await one.ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
  expect([one.notes, table.proxy.asked()]).toEqual([[], Array(3).fill('POST ringward')]);
});

test.each([
  [403, 'the table answered 403, RestError, AuthorizationPermissionMismatch'],
  [503, 'the table answered 503, RestError, ServerBusy'],
])(
  'a lasting %i is an outage, logged with names and codes only, never with what was sent',
  async (status, why) => {
    const { one } = await instances();
    table.proxy.next(status, status, status);
    const asked = one.ledger.get(unique());
    await expect(asked).rejects.toMatchObject(OUTAGE);
    await expect(asked).rejects.not.toHaveProperty('cause');
    expect(one.notes).toEqual([
      { level: 'error', event: 'ledger-unavailable', fields: { why, seconds: 0, requests: 1 } },
    ]);
    table.proxy.well();
    await one.clock.advance(1000);
    table.proxy.next(status, status, status);
    await expect(one.ledger.acquire({ key: unique() }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
    expect(JSON.stringify(one.notes)).not.toContain('SECRET');
  },
);

test('a table that accepts requests but never answers is an outage after five seconds, and not before', async () => {
  const { clock, one } = await instances();
  table.proxy.next('hangs', 'hangs');
  const asked = Promise.allSettled([
    one.ledger.acquire({ key: unique() }, LEASE_SECONDS),
    one.ledger.get(unique()),
  ]);
  await table.proxy.arrived(2);
  await clock.advance(4999);
  expect(one.table.isAvailable()).toBe(true);
  await clock.advance(1);
  expect(await asked).toMatchObject([{ reason: OUTAGE }, { reason: OUTAGE }]);
  expect(one.notes[0]?.fields['why']).toBe('the table did not answer in time');
});

test('a table that hangs at the first connection is an outage after five seconds', async () => {
  const one = table.instance();
  table.proxy.next('hangs');
  table.proxy.asked();
  const asked = Promise.allSettled([one.ledger.acquire({ key: unique() }, LEASE_SECONDS)]);
  await table.proxy.arrived(1);
  await one.clock.advance(5000);
  expect(await asked).toMatchObject([{ reason: OUTAGE }]);
  await one.clock.advance(1000);
  expect((await one.ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
});

test('a table that cannot be reached at the start is retried, and used once it answers', async () => {
  await table.azurite.down();
  const one = table.instance(manualClock(), table.azurite.url);
  await one.table.warm();
  expect(one.table.isAvailable()).toBe(false);
  await table.azurite.up();
  await one.clock.advance(1000);
  expect((await one.ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
  expect(one.notes.map(({ event }) => event)).toEqual(['ledger-unavailable', 'ledger-back']);
});

test('a table that is deleted under a running app is created again, without a restart', async () => {
  const { clock, one, other } = await instances();
  await (await table.client()).deleteTable();
  for (const { ledger } of [one, other]) {
    await expect(ledger.acquire({ key: unique() }, LEASE_SECONDS)).rejects.toMatchObject(OUTAGE);
  }
  await clock.advance(1000);
  for (const { ledger } of [one, other]) {
    expect((await ledger.acquire({ key: unique() }, LEASE_SECONDS)).state).toBe('acquired');
  }
});

test('warm asks the table during an outage, and believes only its answer', async () => {
  const { clock, one } = await instances();
  table.proxy.next(403);
  await expect(one.ledger.get(unique())).rejects.toMatchObject(OUTAGE);
  await clock.advance(1000);
  table.proxy.next(403);
  await one.ledger.warm();
  expect(one.table.isAvailable()).toBe(false);
  await clock.advance(1000);
  await one.ledger.warm();
  expect(one.table.isAvailable()).toBe(true);
});
