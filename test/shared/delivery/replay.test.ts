import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { checkReplay } from '../../../shared/delivery/replay.ts';
import type { ReplayRule } from '../../../shared/delivery/replay.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { RejectionReason } from '../../../shared/reasons.ts';
import { manualClock } from '../../clock.ts';

const rule = (change: Partial<ReplayRule> = {}): ReplayRule => ({
  name: 'token',
  value: 'body',
  seconds: 60,
  mode: 'enforce',
  conflict: 'token-reused',
  ...change,
});

function checker() {
  const ledger = memoryLedger(manualClock());
  const reported: RejectionReason[] = [];
  const signal = new AbortController().signal;
  const checked = (...rules: readonly ReplayRule[]) =>
    checkReplay(rules, ledger, signal, (reason) => reported.push(reason));
  const check = async (...rules: readonly ReplayRule[]) => (await checked(...rules)).refused;
  return { ledger, check, checked, reported };
}

test('the value of the first request counts, and a repeat of it is no conflict', async () => {
  const { check, reported } = checker();
  for (let turn = 0; turn < 3; turn++) expect(await check(rule())).toBeUndefined();
  expect(reported).toEqual([]);
});

test('another value is refused where that is enforced, and reported where it is not', async () => {
  const { check, reported } = checker();
  await check(rule());
  expect(await check(rule({ value: 'other' }))).toBe('token-reused');
  expect(reported).toEqual([]);
  expect(await check(rule({ value: 'other', mode: 'report' }))).toBeUndefined();
  expect(reported).toEqual(['token-reused']);
});

test('what is refused changes nothing about what was written before', async () => {
  const { check } = checker();
  await check(rule());
  await check(rule({ value: 'other' }));
  expect(await check(rule())).toBeUndefined();
  expect(await check(rule({ value: 'other' }))).toBe('token-reused');
});

test('a rule of its own says whether a value agrees with the first, which stays', async () => {
  const { check, checked, ledger } = checker();
  const initial = (value: string) => rule({ value, agrees: (known) => known[0] === value[0] });
  expect(await check(initial('ab'))).toBeUndefined();
  expect(await check(initial('ac'))).toBeUndefined();
  expect(await check(initial('cb'))).toBe('token-reused');
  expect(await ledger.get('token')).toBe('ab');
  expect((await checked(initial('ac'))).known).toEqual(new Map([['token', 'ab']]));
});

test('after a refusal nothing more is written', async () => {
  const { check, ledger } = checker();
  await check(rule());
  await check(rule({ value: 'other' }), rule({ name: 'reference', value: 'forged' }));
  expect(await ledger.putIfAbsent('reference', 'genuine', 60)).toBe('genuine');
});

test('a conflict that is only reported does not keep the next from being refused', async () => {
  const { check, reported } = checker();
  await check(rule({ name: 'a' }), rule({ name: 'b' }));
  const reporting = rule({
    name: 'a',
    value: 'other',
    mode: 'report',
    conflict: 'reference-of-another-call',
  });
  expect(await check(reporting, rule({ name: 'b', value: 'other' }))).toBe('token-reused');
  expect(reported).toEqual(['reference-of-another-call']);
});

test('what is known already is checked in one round trip: the first value is written while the others are read', async () => {
  const { ledger } = checker();
  for (const name of ['a', 'b', 'c']) await ledger.putIfAbsent(name, 'body', 60);
  const asked: string[] = [];
  const open: (() => void)[] = [];
  const slowly = async <Answer>(what: string, work: () => Promise<Answer>) => {
    asked.push(what);
    await new Promise<void>((resolve) => open.push(resolve));
    return work();
  };
  const slow = {
    ...ledger,
    putIfAbsent: (name: string, value: string, seconds: number) =>
      slowly(`write ${name}`, () => ledger.putIfAbsent(name, value, seconds)),
    get: (name: string) => slowly(`read ${name}`, () => ledger.get(name)),
  };
  const rules = ['a', 'b', 'c'].map((name) => rule({ name }));
  const checked = checkReplay(rules, slow, new AbortController().signal, () => {});
  expect(asked).toEqual(['write a', 'read b', 'read c']);
  for (const answer of open) answer();
  expect((await checked).refused).toBeUndefined();
  expect(asked).toHaveLength(3);
});

test('as many rules as a body has room for are checked, whether the ledger answers at once or later', async () => {
  const { ledger } = checker();
  const later = {
    ...ledger,
    putIfAbsent: async (name: string, value: string, seconds: number) =>
      ledger.putIfAbsent(name, value, seconds),
    get: async (name: string) => ledger.get(name),
  };
  for (const [prefix, of] of [
    ['now', ledger],
    ['later', later],
  ] as const) {
    const rules = Array.from({ length: 20_000 }, (_, index) => rule({ name: `${prefix}-${index}` }));
    const { refused } = await checkReplay(rules, of, new AbortController().signal, () => {});
    expect(refused).toBeUndefined();
    expect(await ledger.get(`${prefix}-19999`)).toBe('body');
  }
});

test('a name is looked up once, however many rules a request has for it', async () => {
  const { ledger } = checker();
  const asked: string[] = [];
  const counting = {
    ...ledger,
    putIfAbsent: async (name: string, value: string, seconds: number) => {
      asked.push(`write ${name}`);
      return ledger.putIfAbsent(name, value, seconds);
    },
    get: async (name: string) => {
      asked.push(`read ${name}`);
      return ledger.get(name);
    },
  };
  await ledger.putIfAbsent('call', 'body', 60);
  const calls = ['body', 'other', 'another'].map((value) => rule({ name: 'call', value, mode: 'report' }));
  const reported: RejectionReason[] = [];
  const check = async (...rules: readonly ReplayRule[]) => {
    const { signal } = new AbortController();
    return (await checkReplay(rules, counting, signal, (reason) => reported.push(reason))).refused;
  };
  expect(await check(rule(), ...calls)).toBeUndefined();
  expect(asked).toEqual(['write token', 'read call']);
  expect(await check(...calls)).toBeUndefined();
  expect(asked.slice(2)).toEqual(['write call']);
  expect(reported).toHaveLength(4);
});

test('many rules wait under one deadline as one', async () => {
  const { ledger } = checker();
  const controller = new AbortController();
  const silent = { ...ledger, get: () => new Promise<never>(() => {}) };
  const many = Array.from({ length: 1000 }, (_, index) => rule({ name: `call-${index}` }));
  const checked = checkReplay(many, silent, controller.signal, () => {});
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  await expect(checked).rejects.toMatchObject({ reason: 'ledger-unavailable' });
});
