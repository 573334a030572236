import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { manualClock } from '../../clock.ts';
import { held, keepsTheBindingContract, keepsTheLedgerContract, keepsTheTwinContract } from './contract.ts';

const LEASE = 8;

describe('the ledger in memory', () => {
  const subject = () => {
    const clock = manualClock();
    return { ledger: memoryLedger(clock), clock };
  };
  keepsTheLedgerContract(subject);
  keepsTheTwinContract(subject);
  keepsTheBindingContract(subject);
});

function bounded(capacity: number) {
  const clock = manualClock();
  const ledger = memoryLedger(clock, capacity);
  const state = async (key: string) => (await ledger.acquire({ key }, LEASE)).state;
  return {
    clock,
    ledger,
    state,
    complete: async (key: string) => held(await ledger.acquire({ key }, LEASE)).complete(),
  };
}

test('a settled key is forgotten after two days, and not before', async () => {
  const { clock, state, complete } = bounded(10);
  await complete('key');
  await clock.advance(48 * 3600 * 1000 - 1);
  expect(await state('key')).toBe('done');
  await clock.advance(1);
  expect(await state('key')).toBe('acquired');
});

test('past its capacity the oldest settled keys are forgotten, and no others', async () => {
  const { state, complete } = bounded(3);
  for (const key of ['a', 'b', 'c', 'd']) await complete(key);
  expect([await state('b'), await state('c'), await state('d')]).toEqual(['done', 'done', 'done']);
  expect(await state('a')).toBe('acquired');
});

test('past its capacity of claims it is an outage, until one ends or runs out', async () => {
  const { clock, ledger, state } = bounded(2);
  const first = held(await ledger.acquire({ key: 'a' }, LEASE));
  await state('b');
  await expect(state('c')).rejects.toMatchObject({ name: 'Outage', reason: 'ledger-unavailable' });
  expect(await state('b')).toBe('busy');
  await first.release();
  expect(await state('c')).toBe('acquired');
  await clock.advance(LEASE * 1000);
  expect(await state('d')).toBe('acquired');
  expect(await state('e')).toBe('acquired');
});

test('a repeat of a settled event is known even while there is no room for another claim', async () => {
  const { state, complete } = bounded(1);
  await complete('done');
  await state('in hand');
  expect(await state('done')).toBe('done');
});

test('past its capacity the oldest bindings are forgotten, and no others', async () => {
  const { ledger } = bounded(3);
  for (const name of ['a', 'b', 'c', 'd']) await ledger.putIfAbsent(name, 'first', 60);
  const now = ['b', 'c', 'd', 'a'].map((name) => ledger.putIfAbsent(name, 'second', 60));
  expect(await Promise.all(now)).toEqual(['first', 'first', 'first', 'second']);
});

test('the wall clock has no say in it', async () => {
  const { clock, state, complete } = bounded(10);
  await complete('done');
  await state('busy');
  for (const step of [400 * 86_400, -800 * 86_400]) {
    clock.step(step);
    expect([await state('done'), await state('busy')]).toEqual(['done', 'busy']);
  }
});

test('whatever is done in whatever order, no two hold a key at once and nothing settled is handed out again', async () => {
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
          const claim = await ledger.acquire({ key }, LEASE);
          const last = holder(key);
          const isHeld = last !== undefined && !ended.has(last) && last.until > clock.ticks();
          expect(claim.state).toBe(done.has(key) ? 'done' : isHeld ? 'busy' : 'acquired');
          if (claim.state === 'acquired')
            leases.push({ key, lease: claim.lease, until: clock.ticks() + LEASE * 1000 });
        } else {
          const one = leases.at(-1 - which);
          if (!one) continue;
          await one.lease[what as 'renew' | 'complete' | 'release']();
          if (holder(one.key) !== one || ended.has(one)) continue;
          if (what === 'renew') one.until = clock.ticks() + LEASE * 1000;
          else ended.add(one);
          if (what === 'complete') done.add(one.key);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('many tokens do not push the reference of a call out', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock, 10);
  await ledger.putIfAbsent('reference:r', 'call-1', 1000);
  for (let token = 0; token < 50; token++) await ledger.putIfAbsent(`token:${token}`, 'body', 1000);
  expect(await ledger.putIfAbsent('reference:r', 'call-2', 1000)).toBe('call-1');
});
