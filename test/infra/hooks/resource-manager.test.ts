import { expect, test } from 'vitest';
import { NotYet } from '../../../infra/hooks/patience.ts';
import { put } from '../../../infra/hooks/resource-manager.ts';
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
  [403, 'AuthorizationFailed', false],
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
