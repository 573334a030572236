import { describe, expect, test } from 'vitest';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { held, keepsTheBindingContract, keepsTheLedgerContract, keepsTheTwinContract } from './contract.ts';

// The contracts again over a table in this process, where nothing has to be started: for what is tried very often.
const LEASE = 8;

function inTable() {
  const clock = manualClock();
  const table = memoryTable();
  return { clock, table, ledger: tableLedger(table, clock) };
}
function before(shared: 'memory' | 'table') {
  const { clock, ledger, table } = inTable();
  const other = shared === 'memory' ? memoryLedger(clock) : ledger;
  return { clock, table, ledger: twoTierLedger(other, memoryLedger(clock), 'refuse', clock) };
}

describe.each([
  ['the ledger in a table', inTable],
  ['an instance before a ledger in memory', () => before('memory')],
  ['an instance before a ledger in a table', () => before('table')],
] as const)('%s', (_what, subject) => {
  keepsTheLedgerContract(subject);
  keepsTheTwinContract(subject);
  keepsTheBindingContract(subject);
});

test('a claim whose answer was lost is an outage, and its key is nobody else’s for the length of a lease', async () => {
  const { ledger, table } = inTable();
  table.next('answer-lost');
  await expect(ledger.acquire({ key: 'key' }, LEASE)).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('busy');
});

test('a settling whose answer was lost is settled, and may be said again', async () => {
  const { ledger, table } = inTable();
  const lease = held(await ledger.acquire({ key: 'key' }, LEASE));
  table.next('answer-lost');
  await expect(lease.complete()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await lease.complete();
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('done');
});

test('a renewal whose answer was lost leaves the claim ours', async () => {
  const { ledger, table, clock } = inTable();
  const lease = held(await ledger.acquire({ key: 'key' }, LEASE));
  table.next('answer-lost');
  await expect(lease.renew()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await clock.advance(1000);
  expect(await lease.renew()).toBe(true);
  await lease.complete();
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('done');
});

test('a claim that was given back is free at once, and one that ran out when the table was there for a lease', async () => {
  const { ledger, table, clock } = inTable();
  await held(await ledger.acquire({ key: 'given back' }, LEASE)).release();
  expect((await ledger.acquire({ key: 'given back' }, LEASE)).state).toBe('acquired');
  await ledger.acquire({ key: 'ran out' }, LEASE);
  await clock.advance(LEASE * 1000 - 1);
  expect((await ledger.acquire({ key: 'ran out' }, LEASE)).state).toBe('busy');
  await clock.advance(1);
  table.since = LEASE * 1000 - 1;
  expect((await ledger.acquire({ key: 'ran out' }, LEASE)).state).toBe('busy');
  table.since = LEASE * 1000;
  expect((await ledger.acquire({ key: 'ran out' }, LEASE)).state).toBe('acquired');
});

test('what somebody else has taken over is not ours any more: neither renewed, settled nor given back', async () => {
  const { ledger, clock } = inTable();
  const lost = held(await ledger.acquire({ key: 'key' }, LEASE));
  await clock.advance(LEASE * 1000);
  const taken = held(await ledger.acquire({ key: 'key' }, LEASE));
  expect(await lost.renew()).toBe(false);
  await lost.complete();
  await lost.release();
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('busy');
  expect(await taken.renew()).toBe(true);
});

test('a new key costs one request to the table, and settling it one more', async () => {
  const { ledger, table } = inTable();
  const lease = held(await ledger.acquire({ key: 'key', alias: { key: 'call', seconds: 60 } }, LEASE));
  await lease.complete();
  expect(table.asked).toEqual(['change 2', 'change 2']);
});

test('what is done is forgotten with its time', async () => {
  const { ledger, clock } = inTable();
  await held(await ledger.acquire({ key: 'key', seconds: 60 }, LEASE)).complete();
  await clock.advance(59_999);
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('done');
  await clock.advance(1);
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('acquired');
});

test('a binding that is over is no binding, and its name is free', async () => {
  const { ledger, clock } = inTable();
  expect(await ledger.putIfAbsent('name', 'one', 60)).toBe('one');
  await clock.advance(59_999);
  expect([await ledger.get('name'), await ledger.putIfAbsent('name', 'two', 60)]).toEqual(['one', 'one']);
  await clock.advance(1);
  expect(await ledger.get('name')).toBeUndefined();
  expect([await ledger.putIfAbsent('name', 'two', 60), await ledger.get('name')]).toEqual(['two', 'two']);
});

/** Two instances in a mode before one ledger, the line to which may be cut, and what that ledger was asked. */
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
  const started = () => twoTierLedger(counting, memoryLedger(clock), mode, clock);
  return { clock, table, asked, one: started(), other: started() };
}

test('what was handled elsewhere is known here once it was asked for', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.acquire({ key: 'key' }, LEASE)).complete();
  for (let turn = 0; turn < 3; turn++)
    expect((await other.acquire({ key: 'key' }, LEASE)).state).toBe('done');
  expect(asked).toEqual(['acquire', 'acquire']);
});

test('repeats that come at the same moment are not told that what was done elsewhere is in progress', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.acquire({ key: 'key' }, LEASE)).complete();
  const claims = await Promise.all(Array.from({ length: 5 }, () => other.acquire({ key: 'key' }, LEASE)));
  expect(claims.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'done'));
  expect(asked).toEqual(['acquire', 'acquire']);
});

test('what is in progress elsewhere is busy and is asked for again, and free here when it is over', async () => {
  const { one, other } = pair('refuse');
  const lease = held(await one.acquire({ key: 'key' }, LEASE));
  expect((await other.acquire({ key: 'key' }, LEASE)).state).toBe('busy');
  await lease.release();
  expect((await other.acquire({ key: 'key' }, LEASE)).state).toBe('acquired');
});

test('what is bound is looked up once in ten minutes, and what is not bound each time', async () => {
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

test('what is bound while the ledger is out holds here, and is said there when it is back', async () => {
  const { one, other, table } = pair('proceed');
  table.out(true);
  expect(await one.putIfAbsent('name', 'mine', 3600)).toBe('mine');
  expect([await one.get('name'), await one.putIfAbsent('name', 'another', 3600)]).toEqual(['mine', 'mine']);
  expect(await other.get('name')).toBeUndefined();
  table.out(false);
  expect(await one.putIfAbsent('name', 'another', 3600)).toBe('mine');
  expect(await other.get('name')).toBe('mine');
});

test('what was bound elsewhere during an outage gives way to what the ledger holds', async () => {
  const { one, other, table } = pair('proceed');
  expect(await one.putIfAbsent('name', 'first', 3600)).toBe('first');
  table.out(true);
  expect(await other.putIfAbsent('name', 'second', 3600)).toBe('second');
  table.out(false);
  expect(await other.putIfAbsent('name', 'second', 3600)).toBe('first');
});

test('under refuse nothing is bound and nothing claimed while the ledger is out, and all of it is free afterwards', async () => {
  const { one, table } = pair('refuse');
  table.out(true);
  const outage = { reason: 'ledger-unavailable' };
  await expect(one.putIfAbsent('name', 'value', 60)).rejects.toMatchObject(outage);
  await expect(one.get('name')).rejects.toMatchObject(outage);
  await expect(one.acquire({ key: 'key' }, LEASE)).rejects.toMatchObject(outage);
  table.out(false);
  expect((await one.acquire({ key: 'key' }, LEASE)).state).toBe('acquired');
});

test('a name that changes under every attempt to bind it is an outage', async () => {
  const clock = manualClock();
  const table = memoryTable();
  const ledger = tableLedger({ ...table, change: async () => undefined, read: async () => undefined }, clock);
  await expect(ledger.putIfAbsent('name', 'value', 60)).rejects.toMatchObject({
    reason: 'ledger-unavailable',
  });
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('busy');
});
