import { describe, expect, test } from 'vitest';
import { localFirst } from '../../../shared/ledger/two-tier.ts';
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
  return { clock, table, ledger: localFirst(other, memoryLedger(clock), 'refuse', clock) };
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
  await expect(ledger.claim({ key: 'key' }, LEASE)).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('busy');
});

test('a settling whose answer was lost is settled, and may be said again', async () => {
  const { ledger, table } = inTable();
  const lease = held(await ledger.claim({ key: 'key' }, LEASE));
  table.next('answer-lost');
  await expect(lease.settle()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await lease.settle();
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('done');
});

test('a renewal whose answer was lost leaves the claim ours', async () => {
  const { ledger, table, clock } = inTable();
  const lease = held(await ledger.claim({ key: 'key' }, LEASE));
  table.next('answer-lost');
  await expect(lease.renew()).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  await clock.advance(1000);
  expect(await lease.renew()).toBe(true);
  await lease.settle();
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('done');
});

test('a claim that was given back is free at once, and one that ran out when the table was there for a lease', async () => {
  const { ledger, table, clock } = inTable();
  await held(await ledger.claim({ key: 'given back' }, LEASE)).release();
  expect((await ledger.claim({ key: 'given back' }, LEASE)).state).toBe('claimed');
  await ledger.claim({ key: 'ran out' }, LEASE);
  await clock.advance(LEASE * 1000 - 1);
  expect((await ledger.claim({ key: 'ran out' }, LEASE)).state).toBe('busy');
  await clock.advance(1);
  table.since = LEASE * 1000 - 1;
  expect((await ledger.claim({ key: 'ran out' }, LEASE)).state).toBe('busy');
  table.since = LEASE * 1000;
  expect((await ledger.claim({ key: 'ran out' }, LEASE)).state).toBe('claimed');
});

test('what somebody else has taken over is not ours any more: neither renewed, settled nor given back', async () => {
  const { ledger, clock } = inTable();
  const lost = held(await ledger.claim({ key: 'key' }, LEASE));
  await clock.advance(LEASE * 1000);
  const taken = held(await ledger.claim({ key: 'key' }, LEASE));
  expect(await lost.renew()).toBe(false);
  await lost.settle();
  await lost.release();
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('busy');
  expect(await taken.renew()).toBe(true);
});

test('a new key costs one request to the table, and settling it one more', async () => {
  const { ledger, table } = inTable();
  const lease = held(await ledger.claim({ key: 'key', also: { key: 'call', seconds: 60 } }, LEASE));
  await lease.settle();
  expect(table.asked).toEqual(['change 2', 'change 2']);
});

test('what is done is forgotten with its time', async () => {
  const { ledger, clock } = inTable();
  await held(await ledger.claim({ key: 'key', seconds: 60 }, LEASE)).settle();
  await clock.advance(59_999);
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('done');
  await clock.advance(1);
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('claimed');
});

test('a binding that is over is no binding, and its name is free', async () => {
  const { ledger, clock } = inTable();
  expect(await ledger.bind('name', 'one', 60)).toBe('one');
  await clock.advance(59_999);
  expect([await ledger.bound('name'), await ledger.bind('name', 'two', 60)]).toEqual(['one', 'one']);
  await clock.advance(1);
  expect(await ledger.bound('name')).toBeUndefined();
  expect([await ledger.bind('name', 'two', 60), await ledger.bound('name')]).toEqual(['two', 'two']);
});

/** Two instances in a mode before one ledger, the line to which may be cut, and what that ledger was asked. */
function pair(mode: 'proceed' | 'refuse') {
  const clock = manualClock();
  const table = memoryTable();
  const asked: string[] = [];
  const shared = tableLedger(table, clock);
  const counting = {
    ...shared,
    claim: (...about: Parameters<typeof shared.claim>) => (asked.push('claim'), shared.claim(...about)),
    bound: (name: string) => (asked.push('bound'), shared.bound(name)),
    bind: (...about: Parameters<typeof shared.bind>) => (asked.push('bind'), shared.bind(...about)),
  };
  const started = () => localFirst(counting, memoryLedger(clock), mode, clock);
  return { clock, table, asked, one: started(), other: started() };
}

test('what was handled elsewhere is known here once it was asked for', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.claim({ key: 'key' }, LEASE)).settle();
  for (let turn = 0; turn < 3; turn++) expect((await other.claim({ key: 'key' }, LEASE)).state).toBe('done');
  expect(asked).toEqual(['claim', 'claim']);
});

test('repeats that come at the same moment are not told that what was done elsewhere is in progress', async () => {
  const { one, other, asked } = pair('refuse');
  await held(await one.claim({ key: 'key' }, LEASE)).settle();
  const claims = await Promise.all(Array.from({ length: 5 }, () => other.claim({ key: 'key' }, LEASE)));
  expect(claims.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'done'));
  expect(asked).toEqual(['claim', 'claim']);
});

test('what is in progress elsewhere is busy and is asked for again, and free here when it is over', async () => {
  const { one, other } = pair('refuse');
  const lease = held(await one.claim({ key: 'key' }, LEASE));
  expect((await other.claim({ key: 'key' }, LEASE)).state).toBe('busy');
  await lease.release();
  expect((await other.claim({ key: 'key' }, LEASE)).state).toBe('claimed');
});

test('what is bound is looked up once in ten minutes, and what is not bound each time', async () => {
  const { one, other, asked, clock } = pair('refuse');
  expect(await other.bound('name')).toBeUndefined();
  expect(await one.bind('name', 'value', 3600)).toBe('value');
  expect([await one.bound('name'), await one.bind('name', 'another', 3600)]).toEqual(['value', 'value']);
  expect([await other.bound('name'), await other.bound('name')]).toEqual(['value', 'value']);
  expect(await other.bind('name', 'another', 3600)).toBe('value');
  expect(asked).toEqual(['bound', 'bind', 'bound']);
  await clock.advance(600_000);
  expect(await other.bound('name')).toBe('value');
  expect(asked).toHaveLength(4);
});

test('what is bound while the ledger is out holds here, and is said there when it is back', async () => {
  const { one, other, table } = pair('proceed');
  table.out(true);
  expect(await one.bind('name', 'mine', 3600)).toBe('mine');
  expect([await one.bound('name'), await one.bind('name', 'another', 3600)]).toEqual(['mine', 'mine']);
  expect(await other.bound('name')).toBeUndefined();
  table.out(false);
  expect(await one.bind('name', 'another', 3600)).toBe('mine');
  expect(await other.bound('name')).toBe('mine');
});

test('what was bound elsewhere during an outage gives way to what the ledger holds', async () => {
  const { one, other, table } = pair('proceed');
  expect(await one.bind('name', 'first', 3600)).toBe('first');
  table.out(true);
  expect(await other.bind('name', 'second', 3600)).toBe('second');
  table.out(false);
  expect(await other.bind('name', 'second', 3600)).toBe('first');
});

test('under refuse nothing is bound and nothing claimed while the ledger is out, and all of it is free afterwards', async () => {
  const { one, table } = pair('refuse');
  table.out(true);
  const outage = { reason: 'ledger-unavailable' };
  await expect(one.bind('name', 'value', 60)).rejects.toMatchObject(outage);
  await expect(one.bound('name')).rejects.toMatchObject(outage);
  await expect(one.claim({ key: 'key' }, LEASE)).rejects.toMatchObject(outage);
  table.out(false);
  expect((await one.claim({ key: 'key' }, LEASE)).state).toBe('claimed');
});

test('a name that changes under every attempt to bind it is an outage', async () => {
  const clock = manualClock();
  const table = memoryTable();
  const ledger = tableLedger({ ...table, change: async () => undefined, read: async () => undefined }, clock);
  await expect(ledger.bind('name', 'value', 60)).rejects.toMatchObject({ reason: 'ledger-unavailable' });
  expect((await ledger.claim({ key: 'key' }, LEASE)).state).toBe('busy');
});
