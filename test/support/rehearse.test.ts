import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectWith, testHandlers } from './project.ts';
import { rehearseHandlers } from './rehearse.ts';

// The helper of the users' own tests, with handlers that have a branch for each action.
let app: Awaited<ReturnType<typeof rehearseHandlers>>;
beforeAll(
  async () =>
    void (app = await rehearseHandlers(await projectWith([testHandlers.greeting, testHandlers.branches]))),
);
afterAll(() => app?.stop());

const answered = [{ action: 'answer' }, { action: 'recognize', operationContext: 'menu' }];

test('a caller takes each branch of a menu, and the test sees what the app did', async () => {
  const call = await app.call();
  expect(call.did()).toMatchObject(answered);
  expect(call.says()).toBe('the app asked for digits (1 at most), 300 s');
  await call.press('1');
  expect(call.says()).toBe('the app asked for a choice: Sales (1), Support (2), 300 s');
  await call.say('buy');
  expect(call.did()).toMatchObject([
    ...answered,
    { action: 'recognize', operationContext: 'department' },
    { action: 'terminate' },
  ]);
});

test('a transfer fails, the menu begins anew, and a transfer succeeds', async () => {
  const call = await app.call();
  await call.press('2');
  await call.transferFails();
  expect(call.says()).toMatch(/asked for digits/);
  await call.press('2');
  await call.transferSucceeds();
  expect(call.did().map(({ action }) => action)).toEqual([
    'answer',
    'recognize',
    'transferToParticipant',
    'recognize',
    'transferToParticipant',
  ]);
  expect(call.says()).toBe('the call is over: it was transferred');
});

test('of two calls each has its own caller: one is silent, the other hangs up', async () => {
  const [one, other] = [await app.call(), await app.call()];
  await one.silent();
  expect(one.says()).toBe('the call is over: the app ended it');
  expect(other.says()).toMatch(/asked for digits/);
  await other.hangUp();
  expect(other.says()).toBe('the call is over: the caller hung up');
  expect(one.did()).toHaveLength(3);
  expect(other.did()).toHaveLength(2);
});

test('what the app does not listen to is refused', async () => {
  const call = await app.call();
  await expect(call.say('sales')).rejects.toThrow('The app listens for digits');
  await call.hangUp();
});
