import { expect, test } from 'vitest';
import { watched } from '../../shared/circuit-breaker.ts';
import { manualClock } from '../clock.ts';

const OUTAGE = { name: 'Outage', reason: 'ledger-unavailable' };

/** A service that answers or fails as a test says, and counts how often it was asked. */
function service() {
  const clock = manualClock();
  const notes: unknown[] = [];
  const state = { asked: 0, answers: true };
  const watch = watched(
    clock,
    (level, event, fields) => notes.push([level, event, fields]),
    () => 'why',
  );
  const ask = () =>
    watch.ask(async () => {
      state.asked++;
      if (!state.answers) throw new Error('secret');
      return 'answer';
    });
  /** So many at once, and how many were answered. */
  const askAll = async (count: number) => {
    const all = await Promise.allSettled(Array.from({ length: count }, ask));
    return all.filter(({ status }) => status === 'fulfilled').length;
  };
  return { clock, notes, state, watch, ask, askAll };
}

test('what is asked is answered, and a failure is an outage that says nothing of its cause', async () => {
  const { state, watch, ask } = service();
  expect(await ask()).toBe('answer');
  expect([watch.isAvailable(), watch.backFor()]).toEqual([true, Number.POSITIVE_INFINITY]);
  state.answers = false;
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await expect(ask()).rejects.not.toHaveProperty('cause');
  expect(watch.isAvailable()).toBe(false);
});

test('while it is out it is asked once a second, however many ask', async () => {
  const { clock, state, ask, askAll } = service();
  state.answers = false;
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  for (let second = 0; second < 60; second++) {
    expect(await askAll(50)).toBe(0);
    await clock.advance(1000);
  }
  expect(state.asked).toBe(60);
});

test('nobody waits for the one who asks', async () => {
  const { clock, state, ask, watch } = service();
  state.answers = false;
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await clock.advance(1000);
  const probe = watch.ask(() => new Promise(() => {}));
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
  const { clock, state, ask, watch } = service();
  state.answers = false;
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await clock.advance(5000);
  state.answers = true;
  await ask();
  expect([watch.isAvailable(), watch.backFor()]).toEqual([true, 0]);
  await clock.advance(3000);
  await ask();
  expect(watch.backFor()).toBe(3000);
});

test('what was asked before it came back and fails after it makes no new outage', async () => {
  const { clock, state, ask, watch } = service();
  const late = Promise.withResolvers<string>();
  const asked = watch.ask(() => late.promise);
  state.answers = false;
  await expect(ask()).rejects.toMatchObject(OUTAGE);
  await clock.advance(1000);
  state.answers = true;
  await ask();
  late.reject(new Error('asked during the outage'));
  await expect(asked).rejects.toMatchObject(OUTAGE);
  expect(watch.isAvailable()).toBe(true);
});
