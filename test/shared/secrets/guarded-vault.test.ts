import { expect, test } from 'vitest';
import { FetchFailure } from '../../../shared/refreshing-cache.ts';
import { guardedVault } from '../../../shared/secrets/key-vault.ts';
import { manualClock } from '../../clock.ts';

const signal = new AbortController().signal;

/** A vault that does what a test says, and counts how often it was asked. */
function probed(answer: () => Promise<never[]>) {
  const clock = manualClock();
  const state = { asked: 0, answer };
  const list = () => {
    state.asked++;
    return state.answer();
  };
  const vault = guardedVault({ ready: async () => {}, list, value: async () => 'value' }, clock, () => 0);
  const ask = (times: number) =>
    Promise.allSettled(Array.from({ length: times }, () => vault.list('any', signal)));
  return { clock, state, ask };
}
const fails = (failure: FetchFailure) => () => Promise.reject(failure);
const outcomes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  new Set(settled.map(({ status }) => status));

test('while it is not known to answer, one asks and all the others wait for what comes of it', async () => {
  const { state, ask } = probed(async () => []);
  expect(outcomes(await ask(7))).toEqual(new Set(['fulfilled']));
  expect(state.asked).toBe(7);
});

test('an outage at the start costs one request, and six in a minute however many want something', async () => {
  const { clock, state, ask } = probed(fails(new FetchFailure('down')));
  for (let second = 0; second < 60; second++) {
    expect(outcomes(await ask(20))).toEqual(new Set(['rejected']));
    await clock.advance(1000);
  }
  expect(state.asked).toBeLessThanOrEqual(6);
  expect(state.asked).toBeGreaterThan(1);
});

test('those who asked together when it went down count as one failure', async () => {
  const { clock, state, ask } = probed(async () => []);
  await ask(1);
  state.answer = fails(new FetchFailure('down'));
  await ask(20);
  await clock.advance(10_000);
  state.answer = async () => [];
  expect(outcomes(await ask(1))).toEqual(new Set(['fulfilled']));
});

test('a no is an answer: it keeps nobody else from asking', async () => {
  const { state, ask } = probed(fails(new FetchFailure('answered 403', undefined, true)));
  await ask(3);
  state.answer = async () => [];
  expect(outcomes(await ask(3))).toEqual(new Set(['fulfilled']));
});

test.each([
  [45, 45],
  // What was disabled in the vault must not go on being used for long.
  [120, 60],
])('a Retry-After of %d seconds is heeded by all, for %d', async (asked, heeded) => {
  const { clock, state, ask } = probed(fails(new FetchFailure('answered 429', asked)));
  await ask(1);
  state.answer = async () => [];
  await clock.advance(heeded * 1000 - 1);
  expect(outcomes(await ask(5))).toEqual(new Set(['rejected']));
  await clock.advance(1);
  expect(outcomes(await ask(5))).toEqual(new Set(['fulfilled']));
});

test('what the vault has to say is handed on: that it is ready, what it lists and what a version holds', async () => {
  const asked: unknown[] = [];
  const vault = guardedVault(
    {
      ready: async () => void asked.push('ready'),
      list: async (...of) => {
        asked.push(of);
        return [{ id: 'id', enabled: true, created: 1 }];
      },
      value: async (...of) => {
        asked.push(of);
        return 'value';
      },
    },
    manualClock(),
    () => 0,
  );
  await vault.ready();
  expect(await vault.list('name', signal)).toEqual([{ id: 'id', enabled: true, created: 1 }]);
  expect(await vault.value('name', 'id', signal)).toBe('value');
  expect(asked).toEqual(['ready', ['name', signal], ['name', 'id', signal]]);
});

test('after a success the next failure counts as the first again', async () => {
  const { clock, state, ask } = probed(fails(new FetchFailure('down')));
  for (const pause of [10_000, 20_000, 40_000]) {
    await ask(1);
    await clock.advance(pause);
  }
  state.answer = async () => [];
  await ask(1);
  state.answer = fails(new FetchFailure('down'));
  await ask(1);
  state.answer = async () => [];
  await clock.advance(9999);
  const [early] = await ask(1);
  expect(early).toMatchObject({ reason: { message: 'the vault did not answer, and is given time' } });
  await clock.advance(1);
  expect(outcomes(await ask(1))).toEqual(new Set(['fulfilled']));
});

test('what is no failure of the vault by its kind is told without its words', async () => {
  const { ask } = probed(() => Promise.reject(new TypeError('quotes a SECRET')));
  expect(await ask(1)).toMatchObject([{ reason: { name: 'FetchFailure', message: 'the vault failed' } }]);
});
