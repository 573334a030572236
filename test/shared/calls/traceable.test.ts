import { expect, test } from 'vitest';
import { traceable } from '../../../shared/calls/traceable.ts';

const refusal = Object.assign(new Error('refused'), { statusCode: 404 });
const actions = traceable('call', {
  callConnectionId: '1',
  // As an SDK does, far from the code that asked.
  hangUp: () => Promise.reject(refusal),
  play: async (file: string) => `played ${file}`,
  crash: () => Promise.reject('no error'),
});

test('an error of an action names the action and the place that called it', async () => {
  const thrown = await (async function myHandler() {
    await actions.hangUp();
  })().catch((error: unknown) => error);
  expect(thrown).toBe(refusal);
  expect(thrown).toMatchObject({ action: 'call.hangUp', statusCode: 404 });
  expect(refusal.stack).toMatch(/at myHandler \(.*traceable\.test\.ts/);
});

test('everything else is as it was', async () => {
  expect(actions.callConnectionId).toBe('1');
  expect(await actions.play('a.wav')).toBe('played a.wav');
  await expect(actions.crash()).rejects.toBe('no error');
});

test('an error that cannot be changed is thrown as it is', async () => {
  const frozen = Object.freeze(new Error('frozen'));
  const { hangUp } = traceable('call', { hangUp: () => Promise.reject(frozen) });
  await expect(hangUp()).rejects.toBe(frozen);
});

test('an error that several actions throw names the first, and its stack does not grow', async () => {
  const shared = new DOMException('The operation was aborted', 'AbortError');
  const { play } = traceable('call', { play: () => Promise.reject(shared) });
  await play().catch(() => {});
  const { stack } = shared;
  await play().catch(() => {});
  expect(shared.stack).toBe(stack);
});
