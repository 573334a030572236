import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import { keepSweeping, sweep } from '../../../shared/ledger/cleanup.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock, settled } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';

// The sweep over a table in this process; beside it stands the one over Azurite.
const HOUR = 3600;

function swept() {
  const clock = manualClock();
  const table = memoryTable();
  const ledger = tableLedger(table, clock);
  const notes: unknown[] = [];
  const note = (...told: unknown[]) => void notes.push(told);
  const add = (name: string, overBy: number) =>
    table.change('rows', [{ kind: 'insert', name, row: { until: new Date((clock.now() - overBy) * 1000) } }]);
  const left = () => [...table.rows.keys()].filter((key) => key.startsWith('rows/'));
  return { clock, table, ledger, notes, note, add, left };
}

test('rows that are over for an hour are removed, however many, and it is told how many', async () => {
  const { clock, table, ledger, notes, note, add, left } = swept();
  for (let row = 0; row < 21; row++) await add(`over-${row}`, HOUR + 1);
  await add('margin', HOUR - 1);
  await add('ahead', -HOUR);
  expect(await sweep(table, ledger, clock, note)).toBe(21);
  expect(left()).toEqual(['rows/margin', 'rows/ahead']);
  expect(notes).toEqual([['info', 'ledger-swept', { removed: 21 }]]);
});

test('one instance sweeps in six hours', async () => {
  const { clock, table, ledger, note } = swept();
  expect(await sweep(table, ledger, clock, note)).toBe(0);
  await clock.advance(6 * HOUR * 1000 - 1);
  expect(await sweep(table, ledger, clock, note)).toBeUndefined();
  await clock.advance(1);
  expect(await sweep(table, ledger, clock, note)).toBe(0);
});

test('a long sweep renews its turn every five minutes, and a short one does not', async () => {
  const { clock, table, ledger, note, add } = swept();
  const renewals: number[] = [];
  const watched: Pick<typeof ledger, 'acquire'> = {
    async acquire(...about) {
      const claim = await ledger.acquire(...about);
      if (claim.state !== 'acquired') return claim;
      const renew = () => (renewals.push(clock.ticks()), claim.lease.renew());
      return { ...claim, lease: { ...claim.lease, renew } };
    },
  };
  for (let row = 0; row < 32; row++) await add(`over-${row}`, 2 * HOUR);
  const slow = {
    ...table,
    async remove(row: Parameters<typeof table.remove>[0]) {
      await clock.sleep(200_000);
      await table.remove(row);
    },
  };
  const sweeping = sweep(slow, watched, clock, note);
  for (let turn = 0; turn < 6; turn++) await clock.advance(200_000);
  expect(await sweeping).toBe(32);
  // Eight at a time, 200 seconds each: 400 and 800 seconds after its begin.
  expect(renewals).toEqual([400_000, 800_000]);
});

test('instances look whether it is their turn every minute to eleven, and go on after what fails', async () => {
  const { clock, table, ledger, notes, note } = swept();
  let random = 0;
  let looked = 0;
  let failing: Error | undefined;
  const watched: Pick<typeof ledger, 'acquire'> = {
    acquire: (...about) => {
      looked++;
      return failing ? Promise.reject(failing) : ledger.acquire(...about);
    },
  };
  void keepSweeping(table, watched, clock, note, () => random);
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
