import { afterAll, beforeAll, expect, test } from 'vitest';
import { callback } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { stageWithTestHandlers, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// The three faults of Microsoft's published JavaScript sample, none of which may come back here.
let app: StagedApp;

beforeAll(async () => {
  app = await startStaged(await stageWithTestHandlers());
});
afterAll(() => app.stop());

const callbackOf = async (...events: readonly unknown[]) =>
  callback(app.acs, await app.callbackUri(), events);

test('a genuine token is not refused', async () => {
  expect(await post(await callbackOf(newCall().event('CallConnected')))).toMatchObject({ status: 200 });
});

test('the keys are fetched once, not once per request', async () => {
  for (let round = 0; round < 5; round++) {
    const requests = await Promise.all(
      Array.from({ length: 10 }, () => callbackOf(newCall().event('CallConnected'))),
    );
    const replies = await Promise.all(requests.map((request) => post(request)));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
  }
  expect(app.acs.fetches()).toEqual({ configuration: 1, keys: 1 });
});

test('every event of an array is handed over, not only the first', async () => {
  const events = [newCall().event('CallConnected'), newCall().event('CallConnected')];
  await post(await callbackOf(...events));
  for (const { id } of events) {
    // The log comes another way than the answer, and may come a moment after it.
    const ended = () => app.logged.filter(({ message }) => message === `ended ${id}`);
    await expect.poll(ended).toHaveLength(1);
  }
});
