import { describe, expect, test } from 'vitest';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { held, keepsTheValueContract, keepsTheLedgerContract, keepsTheAliasContract } from './contract.ts';

// The contracts again with a table in memory. No service has to start, so these tests are fast.
const LEASE_SECONDS = 8;

function inTable() {
  const clock = manualClock();
  const table = memoryTable();
  return { clock, table, ledger: tableLedger(table, clock) };
}
function twoTier(shared: 'memory' | 'table') {
  const { clock, ledger, table } = inTable();
  const other = shared === 'memory' ? memoryLedger(clock) : ledger;
  return { clock, table, ledger: twoTierLedger(other, memoryLedger(clock), 'refuse', clock, () => {}) };
}

describe.each([
  ['the ledger in a table', inTable],
  ['two tiers: a shared ledger in memory', () => twoTier('memory')],
  ['two tiers: a shared ledger in a table', () => twoTier('table')],
] as const)('%s', (_what, subject) => {
  keepsTheLedgerContract(subject);
  keepsTheAliasContract(subject);
  keepsTheValueContract(subject);
});

test('a lost answer to acquire is an outage, and the key is busy for the length of a lease', async () => {
  const { ledger, table } = inTable();
  table.next('answer-lost');
  await expect(ledger.acquire({ key: 'key' }, LEASE_SECONDS)).rejects.toMatchObject({
    reason: 'ledger-unavailable',
  });
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('busy');
});

test('a lost answer to complete: the key is done, and complete can be repeated', async () => {
  const { ledger, table } = inTable();
  const lease = held(await ledger.acquire({ key: 'key' }, LEASE_SECONDS));
  table.next('answer-lost');
  await expect(lease.complete()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await lease.complete();
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('done');
});

test('a lost answer to renew: the lease is still held', async () => {
  const { ledger, table, clock } = inTable();
  const lease = held(await ledger.acquire({ key: 'key' }, LEASE_SECONDS));
  table.next('answer-lost');
  await expect(lease.renew()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await clock.advance(1000);
  expect(await lease.renew()).toBe(true);
  await lease.complete();
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('done');
});

test('a released key is free at once, and an expired one once the table was available for a lease', async () => {
  const { ledger, table, clock } = inTable();
  await held(await ledger.acquire({ key: 'released' }, LEASE_SECONDS)).release();
  expect((await ledger.acquire({ key: 'released' }, LEASE_SECONDS)).state).toBe('acquired');
  await ledger.acquire({ key: 'expired' }, LEASE_SECONDS);
  await clock.advance(LEASE_SECONDS * 1000 - 1);
  expect((await ledger.acquire({ key: 'expired' }, LEASE_SECONDS)).state).toBe('busy');
  await clock.advance(1);
  table.since = LEASE_SECONDS * 1000 - 1;
  expect((await ledger.acquire({ key: 'expired' }, LEASE_SECONDS)).state).toBe('busy');
  table.since = LEASE_SECONDS * 1000;
  expect((await ledger.acquire({ key: 'expired' }, LEASE_SECONDS)).state).toBe('acquired');
});

test('a lease that another caller took over can neither be renewed, completed nor released', async () => {
  const { ledger, clock } = inTable();
  const lost = held(await ledger.acquire({ key: 'key' }, LEASE_SECONDS));
  await clock.advance(LEASE_SECONDS * 1000);
  const taken = held(await ledger.acquire({ key: 'key' }, LEASE_SECONDS));
  expect(await lost.renew()).toBe(false);
  await lost.complete();
  await lost.release();
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('busy');
  expect(await taken.renew()).toBe(true);
});

test('a new key costs one request to the table for each of its rows, and completing it one more', async () => {
  const { ledger, table } = inTable();
  const lease = held(
    await ledger.acquire({ key: 'key', alias: { key: 'call', seconds: 60 } }, LEASE_SECONDS),
  );
  await lease.complete();
  expect(table.asked).toEqual(['insert', 'insert', 'replace', 'replace']);
});

test('a done key expires after its time', async () => {
  const { ledger, clock } = inTable();
  await held(await ledger.acquire({ key: 'key', seconds: 60 }, LEASE_SECONDS)).complete();
  await clock.advance(59_999);
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('done');
  await clock.advance(1);
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('acquired');
});

test('an expired value is gone, and its name is free', async () => {
  const { ledger, clock } = inTable();
  expect(await ledger.putIfAbsent('name', 'one', 60)).toBe('one');
  await clock.advance(59_999);
  expect([await ledger.get('name'), await ledger.putIfAbsent('name', 'two', 60)]).toEqual(['one', 'one']);
  await clock.advance(1);
  expect(await ledger.get('name')).toBeUndefined();
  expect([await ledger.putIfAbsent('name', 'two', 60), await ledger.get('name')]).toEqual(['two', 'two']);
});

/** Two instances that share one ledger, which can be out. `asked` lists the calls of that ledger. */
function pair(mode: 'proceed' | 'refuse') {
  const clock = manualClock();
  const table = memoryTable();
  const asked: string[] = [];
  const shared = tableLedger(table, clock);
  const counting = {
    ...shared,
    acquire: (...about: Parameters<typeof shared.acquire>) => (
      asked.push('acquire'),
      shared.acquire(...about)
    ),
    get: (name: string) => (asked.push('get'), shared.get(name)),
    putIfAbsent: (...about: Parameters<typeof shared.putIfAbsent>) => (
      asked.push('putIfAbsent'),
      shared.putIfAbsent(...about)
    ),
  };
  const started = () => twoTierLedger(counting, memoryLedger(clock), mode, clock, () => {});
  return { clock, table, asked, one: started(), other: started() };
}

test('an event that another instance handled is asked for once', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.acquire({ key: 'key' }, LEASE_SECONDS)).complete();
  for (let turn = 0; turn < 3; turn++)
    expect((await other.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('done');
  expect(asked).toEqual(['acquire', 'acquire']);
});

test('simultaneous repeats of an event that another instance handled are all done, and none is busy', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.acquire({ key: 'key' }, LEASE_SECONDS)).complete();
  const acquisitions = await Promise.all(
    Array.from({ length: 5 }, () => other.acquire({ key: 'key' }, LEASE_SECONDS)),
  );
  expect(acquisitions.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'done'));
  expect(asked).toEqual(['acquire', 'acquire']);
});

test('a key that another instance holds is busy, is asked for again, and is free after its release', async () => {
  const { one, other } = pair('refuse');
  const lease = held(await one.acquire({ key: 'key' }, LEASE_SECONDS));
  expect((await other.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('busy');
  await lease.release();
  expect((await other.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('acquired');
});

test('a stored value is asked for once in ten minutes, and a missing one each time', async () => {
  const { one, other, asked, clock } = pair('refuse');
  expect(await other.get('name')).toBeUndefined();
  expect(await one.putIfAbsent('name', 'value', 3600)).toBe('value');
  expect([await one.get('name'), await one.putIfAbsent('name', 'another', 3600)]).toEqual(['value', 'value']);
  expect([await other.get('name'), await other.get('name')]).toEqual(['value', 'value']);
  expect(await other.putIfAbsent('name', 'another', 3600)).toBe('value');
  expect(asked).toEqual(['get', 'putIfAbsent', 'get']);
  await clock.advance(600_000);
  expect(await other.get('name')).toBe('value');
  expect(asked).toHaveLength(4);
});

test('a value stored during an outage is known here, and stored in the shared ledger afterwards', async () => {
  const { one, other, table } = pair('proceed');
  table.out(true);
  expect(await one.putIfAbsent('name', 'mine', 3600)).toBe('mine');
  expect([await one.get('name'), await one.putIfAbsent('name', 'another', 3600)]).toEqual(['mine', 'mine']);
  expect(await other.get('name')).toBeUndefined();
  table.out(false);
  expect(await one.putIfAbsent('name', 'another', 3600)).toBe('mine');
  expect(await other.get('name')).toBe('mine');
});

test('a value stored during an outage gives way to the value of the shared ledger', async () => {
  const { one, other, table } = pair('proceed');
  expect(await one.putIfAbsent('name', 'first', 3600)).toBe('first');
  table.out(true);
  expect(await other.putIfAbsent('name', 'second', 3600)).toBe('second');
  table.out(false);
  expect(await other.putIfAbsent('name', 'second', 3600)).toBe('first');
});

test('under refuse nothing is stored or acquired during an outage, and all is free afterwards', async () => {
  const { one, table } = pair('refuse');
  table.out(true);
  const outage = { reason: 'ledger-unavailable' };
  await expect(one.putIfAbsent('name', 'value', 60)).rejects.toMatchObject(outage);
  await expect(one.get('name')).rejects.toMatchObject(outage);
  await expect(one.acquire({ key: 'key' }, LEASE_SECONDS)).rejects.toMatchObject(outage);
  table.out(false);
  expect((await one.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('acquired');
});

test('a name that changes at every attempt to store it is an outage', async () => {
  const clock = manualClock();
  const table = memoryTable();
  const ledger = tableLedger({ ...table, write: async () => undefined, read: async () => undefined }, clock);
  await expect(ledger.putIfAbsent('name', 'value', 60)).rejects.toMatchObject({
    reason: 'ledger-unavailable',
  });
  expect((await ledger.acquire({ key: 'key' }, LEASE_SECONDS)).state).toBe('busy');
});
