import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { manualClock } from '../../clock.ts';
import { held, keepsTheValueContract, keepsTheLedgerContract, keepsTheAliasContract } from './contract.ts';

const LEASE_SECONDS = 8;

describe('the ledger in memory', () => {
  const subject = () => {
    const clock = manualClock();
    return { ledger: memoryLedger(clock), clock };
  };
  keepsTheLedgerContract(subject);
  keepsTheAliasContract(subject);
  keepsTheValueContract(subject);
});

function bounded(capacity: number) {
  const clock = manualClock();
  const ledger = memoryLedger(clock, capacity);
  const state = async (key: string) => (await ledger.acquire({ key }, LEASE_SECONDS)).state;
  return {
    clock,
    ledger,
    state,
    complete: async (key: string) => held(await ledger.acquire({ key }, LEASE_SECONDS)).complete(),
  };
}

test('a done key is forgotten after two days, and not before', async () => {
  const { clock, state, complete } = bounded(10);
  await complete('key');
  await clock.advance(48 * 3600 * 1000 - 1);
  expect(await state('key')).toBe('done');
  await clock.advance(1);
  expect(await state('key')).toBe('acquired');
});

test('past its capacity it forgets the oldest done keys, and no others', async () => {
  const { state, complete } = bounded(3);
  for (const key of ['a', 'b', 'c', 'd']) await complete(key);
  expect([await state('b'), await state('c'), await state('d')]).toEqual(['done', 'done', 'done']);
  expect(await state('a')).toBe('acquired');
});

test('past its capacity of leases it is an outage, until one ends or expires', async () => {
  const { clock, ledger, state } = bounded(2);
  const first = held(await ledger.acquire({ key: 'a' }, LEASE_SECONDS));
  await state('b');
  await expect(state('c')).rejects.toMatchObject({ name: 'Outage', reason: 'ledger-unavailable' });
  expect(await state('b')).toBe('busy');
  await first.release();
  expect(await state('c')).toBe('acquired');
  await clock.advance(LEASE_SECONDS * 1000);
  expect(await state('d')).toBe('acquired');
  expect(await state('e')).toBe('acquired');
});

test('a repeat of a done event is known even while there is no room for another lease', async () => {
  const { state, complete } = bounded(1);
  await complete('done');
  await state('held');
  expect(await state('done')).toBe('done');
});

test('past its capacity it forgets the oldest values, and no others', async () => {
  const { ledger } = bounded(3);
  for (const name of ['a', 'b', 'c', 'd']) await ledger.putIfAbsent(name, 'first', 60);
  const now = ['b', 'c', 'd', 'a'].map((name) => ledger.putIfAbsent(name, 'second', 60));
  expect(await Promise.all(now)).toEqual(['first', 'first', 'first', 'second']);
});

test('setting the wall clock changes nothing', async () => {
  const { clock, state, complete } = bounded(10);
  await complete('done');
  await state('busy');
  for (const step of [400 * 86_400, -800 * 86_400]) {
    clock.step(step);
    expect([await state('done'), await state('busy')]).toEqual(['done', 'busy']);
  }
});

test('in any order of actions, no two callers hold a key at once, and a done key is never acquired again', async () => {
  const action = fc.record({
    what: fc.constantFrom('acquire', 'renew', 'complete', 'release', 'wait'),
    key: fc.constantFrom('a', 'b'),
    which: fc.nat(3),
    milliseconds: fc.nat(12_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
      const { clock, ledger } = bounded(10);
      const leases: { key: string; lease: ReturnType<typeof held>; until: number }[] = [];
      const done = new Set<string>();
      const holder = (key: string) => leases.findLast((one) => one.key === key);
      const ended = new Set<unknown>();
      for (const { what, key, which, milliseconds } of actions) {
        if (what === 'wait') await clock.advance(milliseconds);
        else if (what === 'acquire') {
          const acquisition = await ledger.acquire({ key }, LEASE_SECONDS);
          const last = holder(key);
          const isHeld = last !== undefined && !ended.has(last) && last.until > clock.ticks();
          expect(acquisition.state).toBe(done.has(key) ? 'done' : isHeld ? 'busy' : 'acquired');
          if (acquisition.state === 'acquired')
            leases.push({ key, lease: acquisition.lease, until: clock.ticks() + LEASE_SECONDS * 1000 });
        } else {
          const one = leases.at(-1 - which);
          if (!one) continue;
          await one.lease[what as 'renew' | 'complete' | 'release']();
          if (holder(one.key) !== one || ended.has(one)) continue;
          if (what === 'renew') one.until = clock.ticks() + LEASE_SECONDS * 1000;
          else ended.add(one);
          if (what === 'complete') done.add(one.key);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('many tokens do not evict the reference of a call', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock, 10);
  await ledger.putIfAbsent('reference:r', 'call-1', 1000);
  for (let token = 0; token < 50; token++) await ledger.putIfAbsent(`token:${token}`, 'body', 1000);
  expect(await ledger.putIfAbsent('reference:r', 'call-2', 1000)).toBe('call-1');
});
