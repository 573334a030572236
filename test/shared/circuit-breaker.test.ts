import { expect, test } from 'vitest';
import { backOff, circuitBreaker } from '../../shared/circuit-breaker.ts';
import { Outage } from '../../shared/errors.ts';
import { manualClock } from '../clock.ts';

const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };
const FAILED = 'the service failed';

/** A service that answers or fails as a test says, and counts how often it was asked. */
function service() {
  const clock = manualClock();
  const notes: unknown[] = [];
  const state = { asked: 0, answers: true };
  const breaker = circuitBreaker({
    clock,
    retry: backOff({ clock, waitMs: () => 250 }),
    refusal: () => new Outage('ledger-unavailable'),
    log: {
      note: (level, event, fields) => notes.push([level, event, fields]),
      unavailable: 'ledger-unavailable',
      back: 'ledger-back',
      describe: () => 'why',
    },
  });
  const ask = () =>
    breaker.call(async () => {
      state.asked++;
      if (!state.answers) throw new Error(FAILED);
      return 'answer';
    });
  /** So many at once, and how many were answered. */
  const askAll = async (count: number) => {
    const all = await Promise.allSettled(Array.from({ length: count }, ask));
    return all.filter(({ status }) => status === 'fulfilled').length;
  };
  return { clock, notes, state, breaker, ask, askAll };
}

test('a call is answered or fails as the service does, and the call after a failure is refused', async () => {
  const { state, breaker, ask } = service();
  expect(await ask()).toBe('answer');
  expect(breaker.isAvailable()).toBe(true);
  state.answers = false;
  await expect(ask()).rejects.toThrow(FAILED);
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await expect(ask()).rejects.not.toHaveProperty('cause');
  expect(breaker.isAvailable()).toBe(false);
});

test('while it is out it is asked once a second, however many ask', async () => {
  const { clock, state, ask, askAll } = service();
  state.answers = false;
  await expect(ask()).rejects.toThrow(FAILED);
  for (let second = 0; second < 60; second++) {
    expect(await askAll(50)).toBe(0);
    await clock.advance(1000);
  }
  expect(state.asked).toBe(60);
});

test('nobody waits for the one who asks', async () => {
  const { clock, state, ask, breaker } = service();
  state.answers = false;
  await expect(ask()).rejects.toThrow(FAILED);
  await clock.advance(1000);
  const probe = breaker.call(() => new Promise(() => {}));
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await clock.advance(1000);
  state.answers = true;
  expect(await ask()).toBe('answer');
  void probe;
});

test('the log tells of an outage once a minute, with how many it turned away, and of its end', async () => {
  const { clock, notes, state, askAll } = service();
  state.answers = false;
  for (let second = 0; second < 90; second++) {
    await askAll(10);
    await clock.advance(1000);
  }
  state.answers = true;
  await askAll(10);
  await askAll(10);
  // The first ten asked before anybody knew.
  expect(notes).toEqual([
    ['error', 'ledger-unavailable', { why: 'why', seconds: 0, requests: 1 }],
    ['error', 'ledger-unavailable', { why: 'why', seconds: 60, requests: 609 }],
    ['info', 'ledger-back', { seconds: 90 }],
  ]);
});

test('one that comes and goes fills no log', async () => {
  const { clock, notes, state, askAll } = service();
  for (let turn = 0; turn < 100; turn++) {
    state.answers = turn % 2 === 1;
    await askAll(5);
    await clock.advance(1000);
  }
  const events = notes.map((note) => (note as string[])[1]);
  expect(events.filter((event) => event === 'ledger-unavailable')).toHaveLength(2);
  expect(events.filter((event) => event === 'ledger-back')).toHaveLength(2);
});

test('it is back from its first answer on, and for how long is known', async () => {
  const { clock, state, ask, breaker } = service();
  await clock.advance(1000);
  expect(breaker.closedForMs()).toBe(0);
  await ask();
  await clock.advance(2000);
  await ask();
  expect(breaker.closedForMs()).toBe(2000);
  state.answers = false;
  await expect(ask()).rejects.toThrow(FAILED);
  await clock.advance(5000);
  state.answers = true;
  await ask();
  expect([breaker.isAvailable(), breaker.closedForMs()]).toEqual([true, 0]);
  await clock.advance(3000);
  await ask();
  expect(breaker.closedForMs()).toBe(3000);
});

test('what was asked before it came back and fails after it makes no new outage', async () => {
  const { clock, state, ask, breaker } = service();
  const late = Promise.withResolvers<string>();
  const asked = breaker.call(() => late.promise);
  state.answers = false;
  await expect(ask()).rejects.toThrow(FAILED);
  await clock.advance(1000);
  state.answers = true;
  await ask();
  late.reject(new Error('asked during the outage'));
  await expect(asked).rejects.toThrow('asked during the outage');
  expect(breaker.isAvailable()).toBe(true);
});

/** One whose callers share the fate of a probe. */
function sharedService(answer: () => Promise<string>) {
  const clock = manualClock();
  const state = { asked: 0, answer };
  const breaker = circuitBreaker({
    clock,
    retry: backOff({ clock, waitMs: () => 1000, longestRetryAfterMs: 5000 }),
    shareProbe: true,
    refusal: () => new Outage('ledger-unavailable'),
    failureOf: (thrown) => thrown as { conclusive: boolean },
  });
  const askAll = async (count: number) => {
    const ask = () =>
      breaker.call(() => {
        state.asked++;
        return state.answer();
      });
    return Promise.allSettled(Array.from({ length: count }, ask));
  };
  return { clock, state, breaker, askAll };
}

test('where the probe is shared, the first call is one, and the others call after it is answered', async () => {
  const probe = Promise.withResolvers<string>();
  const { state, breaker, askAll } = sharedService(() => probe.promise);
  const asked = askAll(20);
  expect([state.asked, breaker.isAvailable()]).toEqual([1, false]);
  probe.resolve('answer');
  expect(await asked).toEqual(Array.from({ length: 20 }, () => ({ status: 'fulfilled', value: 'answer' })));
  expect([state.asked, breaker.isAvailable()]).toEqual([20, true]);
});

test('where the probe is shared, the others are refused after it failed, until it is time for the next', async () => {
  const { clock, state, askAll } = sharedService(() =>
    Promise.reject({ conclusive: false, retryAfterSeconds: 3 }),
  );
  const refused = Array.from({ length: 19 }, () => ({
    status: 'rejected',
    reason: new Outage('ledger-unavailable'),
  }));
  for (let turn = 1; turn <= 3; turn++) {
    const [first, ...others] = await askAll(20);
    expect(first).toMatchObject({ reason: { conclusive: false } });
    expect([others, state.asked]).toEqual([refused, turn]);
    await clock.advance(2999);
    await askAll(20);
    expect(state.asked).toBe(turn);
    await clock.advance(1);
  }
});

test('an answer that is no closes the circuit as any answer does', async () => {
  const no = { conclusive: true };
  const { state, breaker, askAll } = sharedService(() => Promise.reject(no));
  expect(await askAll(3)).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: no })));
  expect([state.asked, breaker.isAvailable()]).toEqual([3, true]);
});
