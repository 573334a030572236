import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { MOST_CHANGES } from '../../../shared/ledger/azure-table.ts';
import type { RowKey, Table } from '../../../shared/ledger/azure-table.ts';
import { keepSweeping, sweep } from '../../../shared/ledger/cleanup.ts';
import { manualClock, settled } from '../../clock.ts';
import { startTable, unique } from '../../support/table.ts';
import { held } from './contract.ts';

const LEASE = 8;
const HOUR = 3600;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
afterEach(() => table.proxy.well());

/** Each test is ten days after the one before: whose turn it is to sweep is known by then, and forgotten. */
let now = 1_800_000_000;
beforeEach(() => {
  now += 10 * 24 * HOUR;
});
const quiet = () => {};
const instances = () => {
  const clock = manualClock(now);
  return { clock, one: table.instance(clock), other: table.instance(clock) };
};
const later = (seconds: number) => new Date((now + seconds) * 1000);

/** Rows whose time is over by so many seconds, in partitions of a hundred. */
async function rows({ change }: Table, count: number, overBy: number): Promise<string[]> {
  const partitions = Array.from({ length: Math.ceil(count / MOST_CHANGES) }, () => unique());
  await Promise.all(
    partitions.map((partition, index) => {
      const size = Math.min(MOST_CHANGES, count - index * MOST_CHANGES);
      const names = Array.from({ length: size }, (_, number) => `row-${number}`);
      return change(
        partition,
        names.map((name) => ({ kind: 'insert', name, row: { until: later(-overBy), value: 'value' } })),
      );
    }),
  );
  return partitions;
}

test('what is over for an hour is removed, and nothing else', async () => {
  const { clock, one } = instances();
  const [over = ''] = await rows(one.table, 20, HOUR + 1);
  const kept = await Promise.all([rows(one.table, 1, HOUR - 1), rows(one.table, 1, -1)]);
  const [claimed, done, name] = [unique(), unique(), unique('name')];
  const lease = held(await one.ledger.acquire({ key: claimed }, LEASE));
  await held(await one.ledger.acquire({ key: done }, LEASE)).complete();
  await one.ledger.putIfAbsent(name, 'value', 60);
  expect(await sweep(one.table, one.ledger, clock, quiet)).toBe(20);
  for (const row of ['row-0', 'row-19']) expect(await one.table.read(over, row)).toBeUndefined();
  for (const [partition = ''] of kept) expect(await one.table.read(partition, 'row-0')).toBeDefined();
  await lease.renew();
  expect((await one.ledger.acquire({ key: claimed }, LEASE)).state).toBe('busy');
  expect((await one.ledger.acquire({ key: done }, LEASE)).state).toBe('done');
  expect(await one.ledger.get(name)).toBe('value');
});

test('more than a page of rows is listed page by page, each of them once', async () => {
  const { one } = instances();
  const century = 100 * 365 * 24 * HOUR;
  const partitions = new Set(await rows(one.table, 1010, -century));
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

test('instances take turns: one of them sweeps, and none again for six hours', async () => {
  const { clock, one, other } = instances();
  const both = () => Promise.all([one, other].map((each) => sweep(each.table, each.ledger, clock, quiet)));
  const swept = await both();
  expect(swept.filter((removed) => removed === undefined)).toHaveLength(1);
  await clock.advance(6 * HOUR * 1000 - 1);
  expect(await both()).toEqual([undefined, undefined]);
  await clock.advance(1);
  expect((await both()).filter((removed) => removed === undefined)).toHaveLength(1);
});

test('a row that was renewed since it was listed stays', async () => {
  const { one } = instances();
  const [partition = ''] = await rows(one.table, 2, HOUR + 1);
  const listed: RowKey[] = [];
  for await (const row of one.table.expired(later(-HOUR))) if (row.partition === partition) listed.push(row);
  const renewed = { until: later(60), value: 'renewed' };
  await one.table.change(partition, [
    { kind: 'replace', name: 'row-0', row: renewed, etag: listed[0]?.etag ?? '' },
  ]);
  await Promise.all(listed.map((row) => one.table.remove(row)));
  expect(await one.table.read(partition, 'row-0')).toMatchObject(renewed);
  expect(await one.table.read(partition, 'row-1')).toBeUndefined();
  await Promise.all(listed.map((row) => one.table.remove(row)));
});

test('a sweep that takes long keeps its turn', async () => {
  const { clock, one, other } = instances();
  await rows(one.table, 20, HOUR + 1);
  const turns: unknown[] = [];
  const slow: Table = {
    ...one.table,
    async *expired(before) {
      for await (const row of one.table.expired(before)) {
        await clock.advance(60_000);
        if (clock.ticks() > 900_000) turns.push(await sweep(other.table, other.ledger, clock, quiet));
        yield row;
      }
    },
  };
  expect(await sweep(slow, one.ledger, clock, quiet)).toBeGreaterThanOrEqual(20);
  expect(new Set(turns)).toEqual(new Set([undefined]));
});

test.each([[403], [503]])(
  'a page that fails (%i) ends the sweep and nothing else, and another instance takes it up',
  async (status) => {
    const { clock, one, other } = instances();
    await Promise.all([one.ledger.warm(), other.ledger.warm()]);
    await rows(one.table, 1, HOUR + 1);
    const claimed = {
      ...one.ledger,
      async acquire(...given: Parameters<typeof one.ledger.acquire>) {
        const claim = await one.ledger.acquire(...given);
        table.proxy.next(status, status, status);
        return claim;
      },
    };
    await expect(sweep(one.table, claimed, clock, quiet)).rejects.toThrow(`the table answered ${status}`);
    table.proxy.well();
    expect([one.table.isAvailable(), one.notes]).toEqual([true, []]);
    expect(await sweep(other.table, other.ledger, clock, quiet)).toBeUndefined();
    await clock.advance(900_000);
    expect(await sweep(other.table, other.ledger, clock, quiet)).toBeGreaterThanOrEqual(1);
  },
);

test('sweeping goes on for as long as the process lives, whatever becomes of one sweep, and the log tells of it', async () => {
  const { clock, one } = instances();
  await one.ledger.warm();
  await rows(one.table, 1, HOUR + 1);
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
  void keepSweeping(
    failing,
    one.ledger,
    { ...clock, sleep },
    (_level, event, fields) => told.push([event, fields]),
    () => 0,
  );
  // A look every minute: at the first it fails, and then it waits until its turn has run out.
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
