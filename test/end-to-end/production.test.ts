import { afterAll, beforeAll, expect, test } from 'vitest';
import { callback } from '../../local/play/requests.ts';
import { post } from '../../local/request.ts';
import { newCall } from '../../local/stand-ins/call.ts';
import { stageWithTestHandlers, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// The staged bundle as it is deployed: in production mode, its secret in a vault that it signs in to as itself, its issuer
// over TLS; nothing of it in Development.
let app: StagedApp;

beforeAll(async () => {
  app = await startStaged(await stageWithTestHandlers(), {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    LEDGER: 'memory',
    CALLBACK_BASE_URL: 'https://app.example',
  });
});
afterAll(() => app.stop());

const callbackOf = async () => callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);

test('a genuine event is handled', async () => {
  expect(await post(await callbackOf())).toMatchObject({ status: 200 });
});

test('a token with a jti is good for one body, and for that one again', async () => {
  const request = await callbackOf();
  const another = { ...request, body: JSON.stringify([newCall().event('CallDisconnected')]) };
  const replies = [await post(request), await post(another), await post(request)];
  expect(replies.map(({ status }) => status)).toEqual([200, 401, 200]);
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
}, 30_000);
