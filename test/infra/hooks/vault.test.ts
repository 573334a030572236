import { expect, test } from 'vitest';
import { NotYet } from '../../../infra/hooks/patience.ts';
import { generateSecrets } from '../../../infra/hooks/secrets.ts';
import { vaultAt } from '../../../infra/hooks/vault.ts';
import { cloud, vault } from './cloud.ts';

const signIn = (scope: string) => Promise.resolve(`token for ${scope}`);
const names = ['callback-key', 'event-grid-key'];

test('an empty vault gets secrets of 256 random bits, each its own', async () => {
  const secrets = new Map<string, string>();
  const { url, asked } = await vault(secrets);
  const told = await generateSecrets(names, vaultAt(url, signIn));

  expect([...secrets.keys()]).toEqual(names);
  for (const value of secrets.values()) expect(Buffer.from(value, 'base64url')).toHaveLength(32);
  expect(new Set(secrets.values()).size).toBe(2);
  expect(told).toEqual(['callback-key generated in the vault', 'event-grid-key generated in the vault']);
  expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer token for https://vault.azure.net/.default']),
  );
});

test('a secret that is there is left alone, and not even read', async () => {
  const secrets = new Map([['callback-key', 'old']]);
  const { url, asked } = await vault(secrets);
  await generateSecrets(names, vaultAt(`${url}/`, signIn));

  expect(secrets.get('callback-key')).toBe('old');
  expect(asked.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
    'GET /secrets/callback-key/versions',
    'GET /secrets/event-grid-key/versions',
    'PUT /secrets/event-grid-key',
  ]);
});

test('a vault that says 404 for the versions of a secret has none', async () => {
  const { url, asked } = await cloud(({ method }) => ({ status: method === 'GET' ? 404 : 200, body: {} }));
  await generateSecrets(['callback-key'], vaultAt(url, signIn));
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'PUT']);
});

test('the newest version is read, and a missing one is told', async () => {
  const { url } = await vault(new Map([['event-grid-key', 'it']]));
  await expect(vaultAt(url, signIn).read('event-grid-key')).resolves.toBe('it');
  await expect(vaultAt(url, signIn).read('other')).rejects.toThrow('the vault has no secret other');
});

test.each([
  [403, 'ForbiddenByRbac', NotYet, 'Key Vault answered 403 (ForbiddenByRbac): no role'],
  [429, 'Throttled', NotYet, 'Key Vault answered 429 (Throttled)'],
  [503, undefined, NotYet, 'Key Vault answered 503 (no code)'],
  [401, 'Unauthorized', Error, 'Key Vault answered 401 (Unauthorized)'],
  [409, 'ObjectIsDeletedButRecoverable', Error, 'the secret was deleted; recover or purge it'],
])('%i is told by its code and never by its message', async (status, code, kind, message) => {
  const { url } = await cloud(() => ({ status, body: { error: { code, message: 'secret-in-a-message' } } }));
  const adding = vaultAt(url, signIn).add('callback-key', 'secret-in-a-request');
  await expect(adding).rejects.toThrow(message);
  const thrown = await adding.catch((error: Error) => error);
  expect(thrown).toBeInstanceOf(kind);
  expect(thrown instanceof NotYet).toBe(kind === NotYet);
  expect(String((thrown as Error).stack)).not.toContain('secret-in-a');
});

test('a vault that sends elsewhere is not followed: the token would go there', async () => {
  const elsewhere = await cloud(() => ({ status: 200, body: { value: 'x' } }));
  const { url } = await cloud(() => ({ status: 307, headers: { location: elsewhere.url } }));
  await expect(vaultAt(url, signIn).read('callback-key')).rejects.toThrow(/./);
  expect(elsewhere.asked).toEqual([]);
});

test.each([
  ['https://kv-a.vault.azure.net', 'https://vault.azure.net/.default'],
  ['https://kv-a.vault.usgovcloudapi.net/', 'https://vault.usgovcloudapi.net/.default'],
])('the vault %s is asked with a token for %s', async (url, scope) => {
  const scopes: string[] = [];
  const vault = vaultAt(url, (asked) => {
    scopes.push(asked);
    return Promise.reject(new Error('signed in'));
  });
  await expect(vault.has('callback-key')).rejects.toThrow('signed in');
  expect(scopes).toEqual([scope]);
});

test('a vault whose network rules do not have this machine is final', async () => {
  const error = {
    code: 'Forbidden',
    message: 'Client address …',
    innererror: { code: 'ForbiddenByFirewall' },
  };
  const { url } = await cloud(() => ({ status: 403, body: { error } }));
  const thrown = await vaultAt(url, signIn)
    .has('callback-key')
    .catch((failed: Error) => failed);
  expect(thrown).not.toBeInstanceOf(NotYet);
  expect((thrown as Error).message).toContain('VAULT_ALLOWED_NETWORKS');
});
