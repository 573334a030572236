import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { orOutage, raceAbort } from '../../shared/async.ts';

const outage = { name: 'Outage', reason: 'keys-unavailable' };
const wait = (work: Promise<unknown>, signal: AbortSignal) => orOutage(work, signal, 'keys-unavailable');
const never = () => new Promise<never>(() => {});

test('work that ends before the signal gives its own result or its own error', async () => {
  const { signal } = new AbortController();
  expect(await wait(Promise.resolve(7), signal)).toBe(7);
  await expect(wait(Promise.reject(new TypeError('surprise')), signal)).rejects.toThrow(TypeError);
});

test('a signal that aborts first, or has aborted before, is an outage', async () => {
  const controller = new AbortController();
  const waiting = wait(never(), controller.signal);
  controller.abort(new TypeError('of somebody else'));
  await expect(waiting).rejects.toMatchObject(outage);
  await expect(wait(never(), AbortSignal.abort())).rejects.toMatchObject(outage);
});

test('work that fails because the signal aborted is an outage as well', async () => {
  const controller = new AbortController();
  const work = new Promise((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
  });
  const waiting = wait(work, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject(outage);
});

test('work that fails after it was given up leaves no rejection behind', async () => {
  const late = Promise.withResolvers<never>();
  const controller = new AbortController();
  const waiting = wait(late.promise, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject(outage);
  late.reject(new Error('late'));
});

test('whoever waits leaves nothing with the signal, however many waited under it', async () => {
  const { signal } = new AbortController();
  for (let turn = 0; turn < 3; turn++) {
    await raceAbort(Promise.resolve(), signal, () => {});
    await expect(raceAbort(Promise.reject(new Error('broken')), signal, () => {})).rejects.toThrow('broken');
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('what an abort is made of may take its time, and the work may still end before it', async () => {
  const controller = new AbortController();
  const late = Promise.withResolvers<string>();
  const work = Promise.withResolvers<string>();
  const waiting = raceAbort(work.promise, controller.signal, () => late.promise);
  controller.abort();
  await Promise.resolve();
  work.resolve('the work');
  expect(await waiting).toBe('the work');
  late.resolve('too late');
});
