import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Awaitable } from '../../../shared/awaitable.ts';
import { checkReplay } from '../../../shared/delivery/bindings.ts';
import type { ReplayRule } from '../../../shared/delivery/bindings.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { RejectionReason } from '../../../shared/reasons.ts';
import { manualClock } from '../../clock.ts';

const binding = (change: Partial<ReplayRule> = {}): ReplayRule => ({
  name: 'token',
  value: 'body',
  seconds: 60,
  mode: 'enforce',
  conflict: 'token-reused',
  ...change,
});

function holder() {
  const ledger = memoryLedger(manualClock());
  const reported: RejectionReason[] = [];
  const signal = new AbortController().signal;
  const hold = (...bindings: readonly ReplayRule[]) =>
    checkReplay(bindings, ledger, signal, (reason) => reported.push(reason));
  return { ledger, hold, reported };
}

test('the first request binds, and a repeat of it is no conflict', async () => {
  const { hold, reported } = holder();
  for (let turn = 0; turn < 3; turn++) expect(await hold(binding())).toBeUndefined();
  expect(reported).toEqual([]);
});

test('another value is refused where that is enforced, and reported where it is not', async () => {
  const { hold, reported } = holder();
  await hold(binding());
  expect(await hold(binding({ value: 'other' }))).toBe('token-reused');
  expect(reported).toEqual([]);
  expect(await hold(binding({ value: 'other', mode: 'report' }))).toBeUndefined();
  expect(reported).toEqual(['token-reused']);
});

test('what is refused changes nothing about what was bound before', async () => {
  const { hold } = holder();
  await hold(binding());
  await hold(binding({ value: 'other' }));
  expect(await hold(binding())).toBeUndefined();
  expect(await hold(binding({ value: 'other' }))).toBe('token-reused');
});

test('after a refusal nothing more is bound', async () => {
  const { hold, ledger } = holder();
  await hold(binding());
  await hold(binding({ value: 'other' }), binding({ name: 'reference', value: 'forged' }));
  expect(await ledger.putIfAbsent('reference', 'genuine', 60)).toBe('genuine');
});

test('a conflict that is only reported does not keep the next from being refused', async () => {
  const { hold, reported } = holder();
  await hold(binding({ name: 'a' }), binding({ name: 'b' }));
  const reporting = binding({
    name: 'a',
    value: 'other',
    mode: 'report',
    conflict: 'reference-of-another-call',
  });
  expect(await hold(reporting, binding({ name: 'b', value: 'other' }))).toBe('token-reused');
  expect(reported).toEqual(['reference-of-another-call']);
});

test('what is bound already is held in one round trip: the first is bound while the others are looked up', async () => {
  const { ledger } = holder();
  for (const name of ['a', 'b', 'c']) await ledger.putIfAbsent(name, 'body', 60);
  const asked: string[] = [];
  const open: (() => void)[] = [];
  const slowly = async <Answer>(what: string, work: () => Awaitable<Answer>) => {
    asked.push(what);
    await new Promise<void>((resolve) => open.push(resolve));
    return work();
  };
  const slow = {
    ...ledger,
    putIfAbsent: (name: string, value: string, seconds: number) =>
      slowly(`bind ${name}`, () => ledger.putIfAbsent(name, value, seconds)),
    get: (name: string) => slowly(`bound ${name}`, () => ledger.get(name)),
  };
  const bindings = ['a', 'b', 'c'].map((name) => binding({ name }));
  const held = checkReplay(bindings, slow, new AbortController().signal, () => {});
  expect(asked).toEqual(['bind a', 'bound b', 'bound c']);
  for (const answer of open) answer();
  expect(await held).toBeUndefined();
  expect(asked).toHaveLength(3);
});

test('as many bindings as a body has room for are held, whether they are here or come later', async () => {
  const { ledger } = holder();
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
    const bindings = Array.from({ length: 20_000 }, (_, index) => binding({ name: `${prefix}-${index}` }));
    expect(await checkReplay(bindings, of, new AbortController().signal, () => {})).toBeUndefined();
    expect(await ledger.get(`${prefix}-19999`)).toBe('body');
  }
});

test('a name is looked up once, however many bindings a request has for it', async () => {
  const { ledger } = holder();
  const asked: string[] = [];
  const counting = {
    ...ledger,
    putIfAbsent: async (name: string, value: string, seconds: number) => {
      asked.push(`bind ${name}`);
      return ledger.putIfAbsent(name, value, seconds);
    },
    get: async (name: string) => {
      asked.push(`bound ${name}`);
      return ledger.get(name);
    },
  };
  await ledger.putIfAbsent('call', 'body', 60);
  const calls = ['body', 'other', 'another'].map((value) => binding({ name: 'call', value, mode: 'report' }));
  const reported: RejectionReason[] = [];
  const hold = (...bindings: readonly ReplayRule[]) =>
    checkReplay(bindings, counting, new AbortController().signal, (reason) => reported.push(reason));
  expect(await hold(binding(), ...calls)).toBeUndefined();
  expect(asked).toEqual(['bind token', 'bound call']);
  expect(await hold(...calls)).toBeUndefined();
  expect(asked.slice(2)).toEqual(['bind call']);
  expect(reported).toHaveLength(4);
});

test('many bindings wait under one deadline as one', async () => {
  const { ledger } = holder();
  const controller = new AbortController();
  const silent = { ...ledger, get: () => new Promise<never>(() => {}) };
  const many = Array.from({ length: 1000 }, (_, index) => binding({ name: `call-${index}` }));
  const held = checkReplay(many, silent, controller.signal, () => {});
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  await expect(held).rejects.toMatchObject({ reason: 'ledger-unavailable' });
});
