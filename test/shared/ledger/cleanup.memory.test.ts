import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import { cleanUpExpired, keepCleanedUp } from '../../../shared/ledger/cleanup.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock, settled } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';

// The cleanup of a table in memory; cleanup.test.ts uses Azurite.
const HOUR_SECONDS = 3600;

function subject() {
  const clock = manualClock();
  const table = memoryTable();
  const ledger = tableLedger(table, clock);
  const notes: unknown[] = [];
  const note = (...told: unknown[]) => void notes.push(told);
  const add = (name: string, overBy: number) =>
    table.write({ partition: 'rows', name }, { until: new Date((clock.now() - overBy) * 1000) });
  const left = () => [...table.rows.keys()].filter((key) => key.startsWith('rows/'));
  return { clock, table, ledger, notes, note, add, left };
}

test('all rows that expired an hour ago are removed, and the log says how many', async () => {
  const { clock, table, ledger, notes, note, add, left } = subject();
  for (let row = 0; row < 21; row++) await add(`over-${row}`, HOUR_SECONDS + 1);
  await add('margin', HOUR_SECONDS - 1);
  await add('ahead', -HOUR_SECONDS);
  expect(await cleanUpExpired(table, ledger, clock, note)).toBe(21);
  expect(left()).toEqual(['rows/margin', 'rows/ahead']);
  expect(notes).toEqual([['info', 'ledger-swept', { removed: 21 }]]);
});

test('a reply that expired an hour ago is removed, and its key stays done', async () => {
  const { clock, table, ledger, note } = subject();
  const acquisition = await ledger.acquire({ key: 'key' }, 8);
  if (acquisition.state === 'acquired') await acquisition.lease.complete('SECRET');
  const replies = () => [...table.rows.values()].map(({ reply }) => reply).filter(Boolean);
  await clock.advance(2 * HOUR_SECONDS * 1000);
  expect([await cleanUpExpired(table, ledger, clock, note), replies()]).toEqual([0, ['SECRET']]);
  await clock.advance(6 * HOUR_SECONDS * 1000);
  expect([await cleanUpExpired(table, ledger, clock, note), replies()]).toEqual([1, []]);
  expect(await ledger.acquire({ key: 'key' }, 8)).toEqual({ state: 'done' });
});

test('one cleanup runs in six hours', async () => {
  const { clock, table, ledger, note } = subject();
  expect(await cleanUpExpired(table, ledger, clock, note)).toBe(0);
  await clock.advance(6 * HOUR_SECONDS * 1000 - 1);
  expect(await cleanUpExpired(table, ledger, clock, note)).toBeUndefined();
  await clock.advance(1);
  expect(await cleanUpExpired(table, ledger, clock, note)).toBe(0);
});

test('a long cleanup renews its lease every five minutes, and a short one does not', async () => {
  const { clock, table, ledger, note, add } = subject();
  const renewals: number[] = [];
  const watched: Pick<typeof ledger, 'acquire'> = {
    async acquire(...about) {
      const turn = await ledger.acquire(...about);
      if (turn.state !== 'acquired') return turn;
      const renew = () => (renewals.push(clock.ticks()), turn.lease.renew());
      return { ...turn, lease: { ...turn.lease, renew } };
    },
  };
  for (let row = 0; row < 32; row++) await add(`over-${row}`, 2 * HOUR_SECONDS);
  const slow = {
    ...table,
    async clear(row: Parameters<typeof table.clear>[0]) {
      await clock.sleep(200_000);
      await table.clear(row);
    },
  };
  const cleaning = cleanUpExpired(slow, watched, clock, note);
  for (let turn = 0; turn < 6; turn++) await clock.advance(200_000);
  expect(await cleaning).toBe(32);
  // Eight rows at a time take 200 seconds: a renewal after 400 and after 800 seconds.
  expect(renewals).toEqual([400_000, 800_000]);
});

test('instances check every one to eleven minutes whether it is their turn, also after a failure', async () => {
  const { clock, table, ledger, notes, note } = subject();
  let random = 0;
  let looked = 0;
  let failing: Error | undefined;
  const watched: Pick<typeof ledger, 'acquire'> = {
    acquire: (...about) => {
      looked++;
      return failing ? Promise.reject(failing) : ledger.acquire(...about);
    },
  };
  void keepCleanedUp(table, watched, clock, note, () => random);
  await clock.advance(59_999);
  expect(looked).toBe(0);
  random = 0.5;
  await clock.advance(1);
  expect(looked).toBe(1);
  failing = new Outage('ledger-unavailable');
  await clock.advance(359_999);
  expect(looked).toBe(1);
  await clock.advance(1);
  expect(looked).toBe(2);
  expect(notes).toEqual([['info', 'ledger-swept', { removed: 0 }]]);
  failing = new Error('the table answered 403');
  await clock.advance(360_000);
  await settled();
  expect(notes.slice(1)).toEqual([['warn', 'ledger-sweep-failed', { why: 'the table answered 403' }]]);
});
