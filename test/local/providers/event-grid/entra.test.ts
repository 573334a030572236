import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { EVENT_GRID_APP_ID, startEntra } from '../../../../local/providers/event-grid/entra.ts';

const AUDIENCE = 'api://ringward';

async function started() {
  const entra = await startEntra();
  onTestFinished(entra.close);
  const read = async (path: string) => {
    const response = await fetch(`${entra.authority}/${path}`, { redirect: 'manual' });
    if (response.status !== 200) throw new Error(String(response.status));
    return response.json() as Promise<Record<string, string>>;
  };
  return { entra, read };
}

test.each([
  [1, '.well-known/openid-configuration', { ver: '1.0', appid: EVENT_GRID_APP_ID, azp: undefined }],
  [2, 'v2.0/.well-known/openid-configuration', { ver: '2.0', azp: EVENT_GRID_APP_ID, appid: undefined }],
] as const)(
  'a token of version %i is of the issuer of its configuration, and verified by its keys',
  async (version, path, claims) => {
    const { entra, read } = await started();
    const { issuer = '', jwks_uri = '' } = await read(`${entra.tenantId}/${path}`);
    expect(issuer).toBe(entra.issuers[version]);
    const token = entra.token({ audience: AUDIENCE, version });
    const options = { issuer, audience: AUDIENCE, algorithms: ['RS256'] };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), options);
    expect(payload).toMatchObject({ tid: entra.tenantId, roles: ['AzureEventGridSecureWebhookSubscriber'] });
    expect({ ver: payload['ver'], appid: payload['appid'], azp: payload['azp'] }).toEqual(claims);
  },
);

test('the issuer of version 1 is the same wherever the authority is', async () => {
  const { entra } = await started();
  expect(entra.issuers[1]).toBe(`https://sts.windows.net/${entra.tenantId}/`);
});

test('claims are replaced, and left out where they are undefined', async () => {
  const { entra } = await started();
  const claims = { roles: undefined, tid: 'another' };
  const token = entra.token({ audience: AUDIENCE, claims });
  const [, payload = ''] = token.split('.');
  const parsed = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect(parsed).toMatchObject({ aud: AUDIENCE, tid: 'another' });
  expect(parsed).not.toHaveProperty('roles');
});

test('a rotated key is listed first, and the old one until it is retired', async () => {
  const { entra, read } = await started();
  const kids = async () => (await read('common/discovery/keys'))['keys'] as unknown as { kid: string }[];
  const old = entra.signingKey().kid;
  await entra.rotate();
  expect((await kids()).map(({ kid }) => kid)).toEqual([entra.signingKey().kid, old]);
  entra.retire();
  expect((await kids()).map(({ kid }) => kid)).toEqual([entra.signingKey().kid]);
  expect(await kids()).toEqual([expect.not.objectContaining({ alg: expect.anything() })]);
});

test('documents fail one by one, and every request is counted', async () => {
  const { entra, read } = await started();
  const v2 = `${entra.tenantId}/v2.0/.well-known/openid-configuration`;
  entra.play('configuration-v2', 'unavailable');
  await expect(read(v2)).rejects.toThrow('503');
  entra.play('configuration-v2', (right) => ({ ...right, issuer: 'https://evil.example/' }));
  expect(await read(v2)).toMatchObject({ issuer: 'https://evil.example/' });
  await read('common/discovery/keys');
  await expect(read('another/.well-known/openid-configuration')).rejects.toThrow('404');
  expect(entra.fetches()).toEqual({ 'configuration-v1': 0, 'configuration-v2': 2, keys: 1 });
  await entra.down();
  await expect(read(v2)).rejects.toThrow('fetch failed');
  await entra.up();
  await read(v2);
});
