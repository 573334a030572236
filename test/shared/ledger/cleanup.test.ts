import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExpiredRow, Table } from '../../../shared/ledger/azure-table.ts';
import { cleanUpExpired, keepCleanedUp } from '../../../shared/ledger/cleanup.ts';
import { manualClock, settled } from '../../clock.ts';
import { startTable, unique } from '../../support/table.ts';
import { held } from './contract.ts';

const LEASE_SECONDS = 8;
const HOUR_SECONDS = 3600;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
afterEach(() => {
  table.proxy.well();
  table.proxy.edit();
});

/** Each test runs ten days after the one before, so that the last cleanup is forgotten. */
let now = 1_800_000_000;
beforeEach(() => {
  now += 10 * 24 * HOUR_SECONDS;
});
const quiet = () => {};
const instances = () => {
  const clock = manualClock(now);
  return { clock, one: table.instance(clock), other: table.instance(clock) };
};
const later = (seconds: number) => new Date((now + seconds) * 1000);

/** A transaction takes so many rows. */
const AT_ONCE = 100;

/** Adds rows that expired `overBy` seconds ago, in partitions of a hundred. */
async function rows(count: number, overBy: number): Promise<string[]> {
  const client = await table.client();
  const partitions = Array.from({ length: Math.ceil(count / AT_ONCE) }, () => unique());
  await Promise.all(
    partitions.map((partitionKey, index) => {
      const size = Math.min(AT_ONCE, count - index * AT_ONCE);
      const names = Array.from({ length: size }, (_, number) => `row-${number}`);
      const row = { partitionKey, until: later(-overBy), value: 'value' };
      return client.submitTransaction(names.map((rowKey) => ['create', { ...row, rowKey }]));
    }),
  );
  return partitions;
}

test('rows that expired an hour ago are removed, and nothing else', async () => {
  const { clock, one } = instances();
  await one.ledger.warm();
  const [over = ''] = await rows(20, HOUR_SECONDS + 1);
  const kept = await Promise.all([rows(1, HOUR_SECONDS - 1), rows(1, -1)]);
  const [inUse, done, name] = [unique(), unique(), unique('name')];
  const lease = held(await one.ledger.acquire({ key: inUse }, LEASE_SECONDS));
  await held(await one.ledger.acquire({ key: done }, LEASE_SECONDS)).complete();
  await one.ledger.putIfAbsent(name, 'value', 60);
  expect(await cleanUpExpired(one.table, one.ledger, clock, quiet)).toBe(20);
  for (const row of ['row-0', 'row-19'])
    expect(await one.table.read({ partition: over, name: row })).toBeUndefined();
  for (const [partition = ''] of kept)
    expect(await one.table.read({ partition, name: 'row-0' })).toBeDefined();
  await lease.renew();
  expect((await one.ledger.acquire({ key: inUse }, LEASE_SECONDS)).state).toBe('busy');
  expect((await one.ledger.acquire({ key: done }, LEASE_SECONDS)).state).toBe('done');
  expect(await one.ledger.get(name)).toBe('value');
});

test('more than a page of rows is listed page by page, each row once', async () => {
  const { one } = instances();
  await one.table.warm();
  const century = 100 * 365 * 24 * HOUR_SECONDS;
  const partitions = new Set(await rows(1010, -century));
  table.proxy.asked();
  const listed = new Set<string>();
  let count = 0;
  for await (const { partition, name, etag } of one.table.expired(later(2 * century))) {
    if (!partitions.has(partition)) continue;
    count++;
    listed.add(`${partition} ${name} ${etag !== ''}`);
  }
  expect([count, listed.size]).toEqual([1010, 1010]);
  expect(table.proxy.asked()).toEqual(['GET ringward', 'GET ringward']);
});

test('instances take turns: one of them cleans up, and none again for six hours', async () => {
  const { clock, one, other } = instances();
  const both = () =>
    Promise.all([one, other].map((each) => cleanUpExpired(each.table, each.ledger, clock, quiet)));
  const removals = await both();
  expect(removals.filter((removed) => removed === undefined)).toHaveLength(1);
  await clock.advance(6 * HOUR_SECONDS * 1000 - 1);
  expect(await both()).toEqual([undefined, undefined]);
  await clock.advance(1);
  expect((await both()).filter((removed) => removed === undefined)).toHaveLength(1);
});

test('a row that changed after it was listed stays', async () => {
  const { one } = instances();
  const [partition = ''] = await rows(2, HOUR_SECONDS + 1);
  const listed: ExpiredRow[] = [];
  for await (const row of one.table.expired(later(-HOUR_SECONDS)))
    if (row.partition === partition) listed.push(row);
  const renewed = { until: later(60), value: 'renewed' };
  await one.table.write({ partition, name: 'row-0' }, renewed, listed[0]?.etag);
  await Promise.all(listed.map((row) => one.table.clear(row)));
  expect(await one.table.read({ partition, name: 'row-0' })).toMatchObject(renewed);
  expect(await one.table.read({ partition, name: 'row-1' })).toBeUndefined();
  await Promise.all(listed.map((row) => one.table.clear(row)));
});

test('rows that are listed without an ETag are left alone', async () => {
  const { clock, one } = instances();
  const [partition = ''] = await rows(1, HOUR_SECONDS + 1);
  const acquire: typeof one.ledger.acquire = async (...given) => {
    const turn = await one.ledger.acquire(...given);
    table.proxy.edit((content) => content.replaceAll('odata.etag', 'odata.gone'));
    return turn;
  };
  await expect(cleanUpExpired(one.table, { acquire }, clock, quiet)).rejects.toThrow(
    'something else answered',
  );
  table.proxy.edit();
  expect(await one.table.read({ partition, name: 'row-0' })).toBeDefined();
});

test('a reply that expired an hour ago is removed from its row, and its key stays done', async () => {
  const { clock, one } = instances();
  const key = unique();
  await held(await one.ledger.acquire({ key }, LEASE_SECONDS)).complete('SECRET');
  const stored = async () => {
    const texts: string[] = [];
    for await (const row of (await table.client()).listEntities()) texts.push(JSON.stringify(row));
    return texts.filter((text) => text.includes('SECRET')).length;
  };
  await clock.advance(8 * HOUR_SECONDS * 1000);
  expect(await stored()).toBe(1);
  await cleanUpExpired(one.table, one.ledger, clock, quiet);
  expect(await stored()).toBe(0);
  expect(await one.ledger.acquire({ key }, LEASE_SECONDS)).toEqual({ state: 'done' });
});

test('a long cleanup keeps its lease', async () => {
  const { clock, one, other } = instances();
  await rows(20, HOUR_SECONDS + 1);
  const turns: unknown[] = [];
  const slow: Table = {
    ...one.table,
    async *expired(before) {
      for await (const row of one.table.expired(before)) {
        await clock.advance(60_000);
        if (clock.ticks() > 900_000)
          turns.push(await cleanUpExpired(other.table, other.ledger, clock, quiet));
        yield row;
      }
    },
  };
  expect(await cleanUpExpired(slow, one.ledger, clock, quiet)).toBeGreaterThanOrEqual(20);
  expect(new Set(turns)).toEqual(new Set([undefined]));
});

test.each([[403], [503]])(
  'a page that fails (%i) ends the cleanup and nothing else, and another instance takes over',
  async (status) => {
    const { clock, one, other } = instances();
    await Promise.all([one.ledger.warm(), other.ledger.warm()]);
    await rows(1, HOUR_SECONDS + 1);
    const ledger = {
      ...one.ledger,
      async acquire(...given: Parameters<typeof one.ledger.acquire>) {
        const turn = await one.ledger.acquire(...given);
        table.proxy.next(status, status, status);
        return turn;
      },
    };
    await expect(cleanUpExpired(one.table, ledger, clock, quiet)).rejects.toThrow(
      `the table answered ${status}`,
    );
    table.proxy.well();
    expect([one.table.isAvailable(), one.notes]).toEqual([true, []]);
    expect(await cleanUpExpired(other.table, other.ledger, clock, quiet)).toBeUndefined();
    await clock.advance(900_000);
    expect(await cleanUpExpired(other.table, other.ledger, clock, quiet)).toBeGreaterThanOrEqual(1);
  },
);

test('cleanups go on as long as the process lives, also after a failure, and are logged', async () => {
  const { clock, one } = instances();
  await one.ledger.warm();
  await rows(1, HOUR_SECONDS + 1);
  const told: [string, unknown][] = [];
  const failing: Table = {
    ...one.table,
    expired(before) {
      if (told.length === 0) table.proxy.next(403);
      return one.table.expired(before);
    },
  };
  let wake: (() => Promise<void>) | undefined;
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      wake = () => clock.advance(milliseconds).then(resolve);
    });
  const asleep = async () => {
    while (!wake) await settled();
  };
  void keepCleanedUp(
    failing,
    one.ledger,
    { ...clock, sleep },
    (_level, event, fields) => told.push([event, fields]),
    () => 0,
  );
  // A check every minute. The first cleanup fails, and the next one waits until its lease expires.
  for (let minute = 0; minute < 17; minute++) {
    await asleep();
    const next = wake;
    wake = undefined;
    await next?.();
  }
  await asleep();
  expect(told).toEqual([
    ['ledger-sweep-failed', { why: 'the table answered 403, RestError, AuthorizationPermissionMismatch' }],
    ['ledger-swept', { removed: expect.any(Number) }],
  ]);
});
