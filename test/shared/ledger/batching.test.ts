import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CHANGES } from '../../../shared/ledger/azure-table.ts';
import type { Change, Table } from '../../../shared/ledger/azure-table.ts';
import { batchedChange } from '../../../shared/ledger/batching.ts';
import { settled } from '../../clock.ts';

const row = { until: new Date(0) };
const insert = (name: string): Change => ({ kind: 'insert', name, row });
const replace = (name: string, etag: string): Change => ({ kind: 'replace', name, row, etag });

/** A table with the limits of the service, which answers when a test lets it. */
function smallTable(pauses: () => Promise<void> = settled, failsAt: ReadonlySet<number> = new Set()) {
  const rows = new Map<string, string>();
  const madeFor = new Map<string, Change>();
  const transactions: { partition: string; names: string[] }[] = [];
  let version = 0;
  const change: Table['change'] = async (partition, changes) => {
    const names = changes.map(({ name }) => name);
    const number = transactions.push({ partition, names });
    if (names.length > MAX_CHANGES || new Set(names).size < names.length)
      throw new Error('refused by the service');
    await pauses();
    if (failsAt.has(number)) throw new Error('outage');
    const key = (name: string) => `${partition}/${name}`;
    const asExpected = changes.every((one) =>
      one.kind === 'insert' ? !rows.has(key(one.name)) : rows.get(key(one.name)) === one.etag,
    );
    if (!asExpected) return undefined;
    return changes.map((one) => {
      const etag = `etag-${++version}`;
      rows.set(key(one.name), etag);
      madeFor.set(etag, one);
      return etag;
    });
  };
  // The code under test calls nothing but `change`.
  return { table: { change } as Table, rows, madeFor, transactions };
}

test('changes of the same turn share one transaction, and each call gets its own ETags', async () => {
  const { table, rows, transactions } = smallTable();
  const change = batchedChange(table);
  const calls = [['a'], ['b', 'c'], ['d']].map((names) => change('p', names.map(insert)));
  const etags = await Promise.all(calls);
  expect(transactions).toEqual([{ partition: 'p', names: ['a', 'b', 'c', 'd'] }]);
  expect(etags).toEqual([[rows.get('p/a')], [rows.get('p/b'), rows.get('p/c')], [rows.get('p/d')]]);
});

test('changes that arrive during a transaction share the next one, and other partitions do not wait', async () => {
  const held = Promise.withResolvers<void>();
  let first = true;
  const { table, transactions } = smallTable(async () => {
    if (first) await held.promise;
    first = false;
  });
  const change = batchedChange(table);
  const one = change('p', [insert('a')]);
  await settled();
  const others = ['b', 'c', 'd'].map((name) => change('p', [insert(name)]));
  first = false;
  expect(await change('q', [insert('a')])).toHaveLength(1);
  expect(transactions.filter(({ partition }) => partition === 'p')).toHaveLength(1);
  held.resolve();
  await Promise.all([one, ...others]);
  expect(transactions.at(-1)?.names).toEqual(['b', 'c', 'd']);
});

test('a change that fails returns undefined, and the others of its batch are made', async () => {
  const { table, rows } = smallTable();
  const change = batchedChange(table);
  await change('p', [insert('taken')]);
  const told = await Promise.all(['a', 'taken', 'b'].map((name) => change('p', [insert(name)])));
  expect(told).toEqual([[rows.get('p/a')], undefined, [rows.get('p/b')]]);
});

test('more than a hundred changes use several transactions, and no call is split', async () => {
  const { table, transactions } = smallTable();
  const change = batchedChange(table);
  const calls = Array.from({ length: 70 }, (_, index) =>
    change('p', [insert(`${index}a`), insert(`${index}b`)]),
  );
  expect((await Promise.all(calls)).flat()).toHaveLength(140);
  expect(transactions.map(({ names }) => names.length)).toEqual([100, 40]);
});

test('an outage fails the calls of its transaction, and no others', async () => {
  const { table } = smallTable(settled, new Set([1]));
  const change = batchedChange(table);
  const first = Promise.allSettled([change('p', [insert('a')]), change('p', [insert('b')])]);
  await settled();
  const next = change('p', [insert('c')]);
  expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await next).toHaveLength(1);
});

test('in any order of calls, every call gets the result of its own changes and only of those', async () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
  const call = fc.record({
    partition: fc.constantFrom('p', 'q'),
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
    /** Insert, replace with the last ETag, or replace with a wrong ETag. */
    how: fc.constantFrom('insert', 'replace', 'stale'),
    /** Turns of the event loop before the call. */
    after: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 40 }),
      fc.array(fc.nat(3), { minLength: 1 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
      async (calls, pauses, failures) => {
        let turn = 0;
        const pause = async () => {
          for (let left = pauses[turn++ % pauses.length] ?? 0; left > 0; left--) await settled();
        };
        const { table, rows, madeFor, transactions } = smallTable(pause, new Set(failures));
        const change = batchedChange(table);
        const given = new Set<string>();
        const make = async (partition: string, changes: readonly Change[]) => {
          const etags = await change(partition, changes).catch((thrown: Error) => thrown.message);
          if (etags === 'outage') return;
          const now = ({ name }: Change) => rows.get(`${partition}/${name}`);
          if (etags === undefined) {
            // ETags never repeat, so a row that was not as expected still is not.
            expect(changes.some((one) => now(one) !== (one.kind === 'insert' ? undefined : one.etag))).toBe(
              true,
            );
            return;
          }
          expect(etags).toHaveLength(changes.length);
          for (const [index, etag] of [...etags].entries()) {
            // No other call got the ETag of the same write.
            expect([given.has(etag), madeFor.get(etag)]).toEqual([false, changes[index]]);
            given.add(etag);
          }
        };
        const told: Promise<void>[] = [];
        for (const { partition, names, how, after } of calls) {
          for (let left = after; left > 0; left--) await settled();
          const changes = names.map((name) => {
            const etag = how === 'stale' ? 'never' : (rows.get(`${partition}/${name}`) ?? 'never');
            return how === 'insert' ? insert(name) : replace(name, etag);
          });
          told.push(make(partition, changes));
        }
        await Promise.all(told);
        // Every row that was written belongs to a call that got its ETag.
        for (const etag of rows.values()) expect(given).toContain(etag);
        for (const { names } of transactions) expect(new Set(names).size).toBe(names.length);
      },
    ),
    { numRuns: 100 },
  );
});
