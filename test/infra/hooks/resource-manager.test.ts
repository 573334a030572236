import { expect, test } from 'vitest';
import { NotYet } from '../../../infra/hooks/patience.ts';
import { HandshakeUnauthorized, put } from '../../../infra/hooks/resource-manager.ts';
import { cloud } from './cloud.ts';

const signIn = (scope: string) => Promise.resolve(`token for ${scope}`);
const path = '/subscriptions/s/x?api-version=1';
const wait = () => Promise.resolve();

test('a resource that is there at once is there', async () => {
  const { url, asked } = await cloud(() => ({
    status: 200,
    body: { properties: { provisioningState: 'Succeeded' } },
  }));
  await put(path, { a: 1 }, { signIn, wait, manager: url });
  expect(asked).toEqual([
    {
      method: 'PUT',
      path,
      authorization: 'Bearer token for https://management.azure.com/.default',
      body: '{"a":1}',
    },
  ]);
});

test('a resource that takes its time is waited for', async () => {
  const states = ['InProgress', 'InProgress', 'Succeeded'];
  const { url, asked } = await cloud(({ method }, self) =>
    method === 'PUT'
      ? {
          status: 201,
          body: { properties: { provisioningState: 'Creating' } },
          headers: { 'azure-asyncoperation': `${self}/operation` },
        }
      : { status: 200, body: { status: states.shift() } },
  );
  const waits: number[] = [];
  await put(path, {}, { signIn, wait: async (milliseconds) => waits.push(milliseconds), manager: url });
  expect(asked.map((one) => one.path)).toEqual([path, '/operation', '/operation', '/operation']);
  expect(waits).toEqual([5000, 5000, 5000]);
});

test('without an operation of its own the resource itself is asked', async () => {
  const { url, asked } = await cloud(({ method }) => ({
    status: 200,
    body: { properties: { provisioningState: method === 'PUT' ? 'Updating' : 'Succeeded' } },
  }));
  await put(path, {}, { signIn, wait, manager: url });
  expect(asked.map(({ method }) => method)).toEqual(['PUT', 'GET']);
});

test('a handshake that failed may go well later', async () => {
  const { url } = await cloud(({ method }, self) =>
    method === 'PUT'
      ? { status: 201, body: {}, headers: { 'azure-asyncoperation': `${self}/operation` } }
      : {
          status: 200,
          body: { status: 'Failed', error: { code: 'Url validation', message: 'https://a/?key=b' } },
        },
  );
  const putting = put(path, {}, { signIn, wait, manager: url });
  await expect(putting).rejects.toThrow(new NotYet('Azure answered that it failed (Url validation)'));
});

test.each([
  [400, 'InvalidRequest', false],
  [400, 'Url validation', true],
  [429, 'TooManyRequests', true],
  [500, 'InternalServerError', true],
])('%i %s: whether it may go well later is %j', async (status, code, mayPass) => {
  const { url } = await cloud(() => ({ status, body: { error: { code, message: 'secret' } } }));
  const thrown = await put(path, {}, { signIn, wait, manager: url }).catch((error: Error) => error);
  expect([(thrown as Error).message, thrown instanceof NotYet]).toEqual([
    `Azure answered ${status} (${code})`,
    mayPass,
  ]);
});

test.each([401, 403])('%i may pass: a role that was just assigned is not effective yet', async (status) => {
  const { url } = await cloud(() => ({ status, body: { error: { code: 'AuthorizationFailed' } } }));
  await expect(put(path, {}, { signIn, wait, manager: url })).rejects.toThrow(
    new NotYet(`Azure answered ${status} (AuthorizationFailed): no right to do it, or not yet`),
  );
});

test.each([
  ['Http POST request failed with response code Unauthorized.', true],
  ['Http POST request failed with response code 401.', true],
  ['Http POST request failed with response code ServiceUnavailable.', false],
  ['HTTP POST request failed with unknown error code', false],
])('a handshake of which Event Grid says "%s": 401 is %j', async (message, is401) => {
  const error = {
    code: 'Url validation',
    message: `Webhook validation handshake failed for https://a/. ${message}`,
  };
  const { url } = await cloud(() => ({ status: 200, body: { status: 'Failed', error } }));
  const thrown = await put(path, {}, { signIn, wait, manager: url }).catch((failed: Error) => failed);
  expect(thrown).toBeInstanceOf(NotYet);
  expect(thrown instanceof HandshakeUnauthorized).toBe(is401);
  expect((thrown as Error).message).not.toContain('https://a/');
});

test('another cloud has an audience of its own', async () => {
  const { url, asked } = await cloud(() => ({ status: 200, body: { status: 'Succeeded' } }));
  await put(path, {}, { signIn, wait, manager: url, audience: 'https://management.usgovcloudapi.net' });
  expect(asked[0]!.authorization).toBe('Bearer token for https://management.usgovcloudapi.net/.default');
});

test('an operation elsewhere is not asked: the token would go there', async () => {
  const elsewhere = await cloud(() => ({ status: 200, body: { status: 'Succeeded' } }));
  const { url } = await cloud(() => ({
    status: 201,
    body: {},
    headers: { 'azure-asyncoperation': elsewhere.url },
  }));
  await expect(put(path, {}, { signIn, wait, manager: url })).rejects.toThrow('another origin');
  expect(elsewhere.asked).toEqual([]);
});

test('what never ends is given up', async () => {
  const { url } = await cloud(() => ({
    status: 200,
    body: { properties: { provisioningState: 'Creating' } },
  }));
  await expect(put(path, {}, { signIn, wait, manager: url })).rejects.toThrow('within ten minutes');
});
