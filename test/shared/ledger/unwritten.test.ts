import { expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { held } from './contract.ts';

// What is completed during an outage of the shared ledger is written when it is back.
const LEASE_SECONDS = 8;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const MODES: readonly LedgerOutage[] = ['proceed', 'refuse'];

/** An instance with a table that can be out, and what another instance finds in the table. */
function subject(mode: LedgerOutage = 'proceed') {
  const clock = manualClock();
  const table = memoryTable();
  const notes: string[] = [];
  const started = () =>
    twoTierLedger(
      tableLedger(table, clock),
      memoryLedger(clock),
      mode,
      clock,
      (_level, event) => void notes.push(event),
    );
  const ledger = started();
  return {
    clock,
    table,
    notes,
    acquire: async (key: string, seconds = 48 * 3600) =>
      held(await ledger.acquire({ key, seconds }, LEASE_SECONDS)),
    elsewhere: (key: string) => started().acquire({ key }, LEASE_SECONDS),
  };
}

test('what was acquired and completed during an outage is done for everybody when it is over', async () => {
  const { clock, table, acquire, elsewhere } = subject();
  table.out(true);
  const lease = await acquire('key');
  expect(await lease.complete('the reply')).toBe(true);
  await clock.advance(HOUR);
  table.out(false);
  await clock.advance(SECOND);
  expect(await elsewhere('key')).toEqual({ state: 'done', reply: 'the reply' });
  expect(clock.sleepers()).toBe(0);
});

test.each(MODES)(
  '%s: what was acquired before the outage is done too, however long it lasted',
  async (mode) => {
    const { clock, table, acquire, elsewhere, notes } = subject(mode);
    const lease = await acquire('key');
    table.out(true);
    await expect(lease.complete()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
    await clock.advance(HOUR);
    table.out(false);
    await clock.advance(SECOND);
    expect([(await elsewhere('key')).state, notes]).toEqual(['done', []]);
  },
);

test('thousands of completions are written when the table is back, a few at a time', async () => {
  const { clock, table, acquire } = subject();
  table.out(true);
  for (let index = 0; index < 3000; index++) await (await acquire(`key-${index}`)).complete();
  table.out(false);
  let [under, most] = [0, 0];
  const { write } = table;
  table.write = async (...given) => {
    most = Math.max(most, ++under);
    await Promise.resolve();
    under--;
    return write(...given);
  };
  for (let turn = 0; turn < 2000 && clock.sleepers() > 0; turn++) await clock.advance(SECOND);
  expect([...table.rows.values()].filter(({ done }) => done)).toHaveLength(3000);
  expect(most).toBe(8);
});

test('a key that another instance handles by then is left to it, and that both handled it is noted', async () => {
  const { clock, table, acquire, elsewhere, notes } = subject();
  table.out(true);
  await (await acquire('key')).complete();
  table.out(false);
  const other = held(await elsewhere('key'));
  await clock.advance(5 * SECOND);
  expect((await elsewhere('key')).state).toBe('busy');
  await other.complete('of the other');
  await clock.advance(SECOND);
  expect([await elsewhere('key'), clock.sleepers()]).toEqual([{ state: 'done', reply: 'of the other' }, 0]);
  expect(notes).toEqual(['lease-lost']);
});

test('a completion whose answer is lost was not by another instance', async () => {
  const { clock, table, acquire, elsewhere, notes } = subject();
  table.out(true);
  await (await acquire('key')).complete('the reply');
  table.out(false);
  table.next('well', 'answer-lost');
  await clock.advance(2 * SECOND);
  expect([await elsewhere('key'), clock.sleepers()]).toEqual([{ state: 'done', reply: 'the reply' }, 0]);
  expect(notes).toEqual([]);
});

test('a lease that another instance took over before it could be completed is noted', async () => {
  const { clock, table, acquire, elsewhere, notes } = subject();
  const lease = await acquire('key');
  table.next('lost');
  await expect(lease.complete()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  clock.stall(LEASE_SECONDS * SECOND);
  held(await elsewhere('key'));
  await clock.advance(SECOND);
  expect([notes, clock.sleepers()]).toEqual([['lease-lost'], 0]);
});

test('a completion is not kept for longer than its key would be', async () => {
  const { clock, table, acquire } = subject();
  table.out(true);
  await (await acquire('key', 60)).complete();
  await clock.advance(59 * SECOND);
  expect(clock.sleepers()).toBe(1);
  await clock.advance(2 * SECOND);
  expect(clock.sleepers()).toBe(0);
});
