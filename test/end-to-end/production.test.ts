import { afterAll, beforeAll, expect, test } from 'vitest';
import { callback } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { stageWithTestHandlers, startInProduction } from './staged.ts';

// The staged bundle as it is deployed. The forgeries and the callbacks of Vonage are tried against it as well: see
// forgeries.test.ts and vonage.test.ts.
let app: Awaited<ReturnType<typeof startInProduction>>;

beforeAll(async () => {
  app = await startInProduction(await stageWithTestHandlers());
});
afterAll(() => app.stop());

const callbackOf = async () => callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);

test('a genuine event is handled', async () => {
  expect(await post(await callbackOf())).toMatchObject({ status: 200 });
});

test('a token is good for one body, and for that one again, where TOKEN_REUSE enforces it', async () => {
  const request = await callbackOf();
  const another = { ...request, body: JSON.stringify([newCall().event('CallDisconnected')]) };
  const replies = [await post(request), await post(another), await post(request)];
  expect(replies.map(({ status }) => status)).toEqual([200, 401, 200]);
});

test('an outage of the table costs no delivery, and what it was told of before it still knows afterwards', async () => {
  const before = await callbackOf();
  expect(await post(before)).toMatchObject({ status: 200 });
  await app.azurite.down();
  try {
    expect(await post(await callbackOf())).toMatchObject({ status: 200 });
    const health = await fetch(`${app.url}/api/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'degraded' }]);
  } finally {
    await app.azurite.up();
  }
  const status = async () => (await fetch(`${app.url}/api/health`)).json();
  await expect.poll(status).toEqual({ status: 'ok' });
  expect(await app.post(before)).toMatchObject({ status: 200 });
});

test('the outage of vault and issuer after the first request is not noticed', async () => {
  await post(await callbackOf());
  await Promise.all([app.azure.vault.down(), app.acs.down()]);
  try {
    expect(await post(await callbackOf())).toMatchObject({ status: 200 });
  } finally {
    await Promise.all([app.azure.vault.up(), app.acs.up()]);
  }
});

test('a rotated signing key is accepted, however soon after a fetch it is used', async () => {
  await post(await callbackOf());
  await app.acs.rotate();
  expect(await post(await callbackOf())).toMatchObject({ status: 200 });
});
