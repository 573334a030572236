import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newSigningKey, rs256 } from '../../../local/fakes/token.ts';
import { EVENT_GRID_APP_ID, startEntra } from '../../../local/providers/event-grid/entra.ts';
import type { Entra } from '../../../local/providers/event-grid/entra.ts';
import { entraToken } from '../../../shared/providers/event-grid/checks.ts';
import type { EntraRules } from '../../../shared/providers/event-grid/checks.ts';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { issuersOf } from '../../support/endpoints.ts';
import { received, verdictOf } from '../../support/verdict.ts';

// Tokens of the Entra stand-in, each of which differs from a genuine one in one thing.
const AUDIENCE = 'api://ringward';
let entra: Entra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

function checked() {
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const issuers = issuersOf({
    EVENT_GRID_TENANT_ID: entra.tenantId,
    EVENT_GRID_AUTHORITY: entra.authority,
    EVENT_GRID_AUDIENCE: AUDIENCE,
    EVENT_GRID_SUBSCRIPTIONS: 'calls',
  });
  const issuer = issuers.find((one) => one.issuer.startsWith(entra.authority));
  if (!issuer) throw new Error('there is a tenant');
  const keys = keySet({
    name: issuer.issuer,
    fetchKeys: keyFetcher(issuer, clock, globalThis.fetch),
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: () => {},
  });
  const rules: EntraRules = {
    tenantId: entra.tenantId,
    audiences: [AUDIENCE],
    senderAppId: EVENT_GRID_APP_ID,
    authority: entra.authority,
    role: 'enforce',
    toleranceSeconds: 60,
  };
  return entraToken({ rules, keys, clock });
}

test('a tenant has its own configuration, of version 2, at the authority of its cloud', () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const ofTenant = (more: Record<string, string>) =>
    issuersOf({
      ACS_RESOURCE_ID: '',
      CALLBACK_KEY_SECRET: '',
      EVENT_GRID_TENANT_ID: tenant,
      EVENT_GRID_AUDIENCE: AUDIENCE,
      EVENT_GRID_SUBSCRIPTIONS: 'calls',
      ...more,
    });
  const expected = (authority: string) => [
    {
      issuer: `${authority}/${tenant}/v2.0`,
      openIdConfigurationUrl: `${authority}/${tenant}/v2.0/.well-known/openid-configuration`,
    },
  ];
  expect(ofTenant({})).toMatchObject(expected('https://login.microsoftonline.com'));
  const us = 'https://login.microsoftonline.us';
  expect(ofTenant({ EVENT_GRID_AUTHORITY: us })).toMatchObject(expected(us));
});

test('without a tenant there is no issuer of its tokens', () => {
  const key = { EVENT_GRID_KEY_SECRET: 'grid-key', SECRET_GRID_KEY: 'a shared key of 32 bytes or more....' };
  expect(issuersOf({ ACS_RESOURCE_ID: '', CALLBACK_KEY_SECRET: '', ...key })).toMatchObject([]);
});

const carrying = (token: string, header = 'authorization') =>
  received({ headers: { [header]: `Bearer ${token}` } });

test.each([1, 2] as const)('a token of version %i is accepted, and proves who sent it', async (version) => {
  const check = checked();
  const request = carrying(entra.token({ audience: AUDIENCE, version }));
  expect(check.name).toBe('entra-token');
  const proof = await check.run(request, new AbortController().signal, {});
  // One token comes with many deliveries, so nothing is told by which it could be taken for used.
  expect(proof).toMatchObject({ sender: entra.issuers[version], keyAge: 0 });
  expect(proof).not.toHaveProperty('token');
});

test('a token that lives for a day is accepted, and one that is over is not', async () => {
  const verdict = (lifeSeconds: number) =>
    verdictOf(checked(), carrying(entra.token({ audience: AUDIENCE, lifeSeconds })));
  expect([await verdict(86_400), await verdict(-3600)]).toEqual(['accepted', 'token-expired']);
});

const SENDERS_APP = { 1: 'appid', 2: 'azp' } as const;
const attacks: readonly [string, Record<string, unknown>, string][] = [
  ['of another tenant, by its tid', { tid: '00000000-0000-0000-0000-000000000000' }, 'token-tenant'],
  ['without a tid', { tid: undefined }, 'token-tenant'],
  ['without the role', { roles: undefined }, 'token-role'],
  ['with other roles', { roles: ['Reader'] }, 'token-role'],
  ['with the role as a text', { roles: 'AzureEventGridSecureWebhookSubscriber' }, 'token-role'],
  ['with the role as a part of a text', { roles: ['xAzureEventGridSecureWebhookSubscriber'] }, 'token-role'],
  ['of another issuer', { iss: 'https://sts.windows.net/another/' }, 'token-issuer'],
  ['for somebody else', { aud: 'api://another' }, 'token-audience'],
];
test.each(([1, 2] as const).flatMap((version) => attacks.map((attack) => [version, ...attack] as const)))(
  'a token of version %i %s is refused',
  async (version, _what, claims, reason) => {
    const token = entra.token({ audience: AUDIENCE, version, claims });
    expect(await verdictOf(checked(), carrying(token))).toBe(reason);
  },
);

test.each([1, 2] as const)(
  'a token of version %i of another application is refused, also where it holds the role',
  async (version) => {
    for (const app of ['another', undefined, [EVENT_GRID_APP_ID]]) {
      const token = entra.token({ audience: AUDIENCE, version, claims: { [SENDERS_APP[version]]: app } });
      expect(await verdictOf(checked(), carrying(token))).toBe('token-application');
    }
  },
);

test('an application under the name of the other version counts for nothing beside its own', async () => {
  const token = entra.token({
    audience: AUDIENCE,
    version: 1,
    claims: { appid: 'another', azp: EVENT_GRID_APP_ID },
  });
  expect(await verdictOf(checked(), carrying(token))).toBe('token-application');
});

test('a token that claims our tenant and is signed with the key of another is refused', async () => {
  const foreign = await newSigningKey('foreign');
  entra.play('keys', ({ keys }) => ({
    keys: [
      ...(keys as object[]),
      { ...foreign.jwk, issuer: `${entra.authority}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` },
    ],
  }));
  onTestFinished(() => entra.play('keys'));
  const header = { ...entra.header(), kid: foreign.kid };
  const token = rs256(header, entra.claims({ audience: AUDIENCE }), foreign);
  expect(await verdictOf(checked(), carrying(token))).toBe('token-key-unknown');
});

test('the token comes in Authorization and nowhere else', async () => {
  const token = entra.token({ audience: AUDIENCE });
  expect(await verdictOf(checked(), carrying(token, 'authentication'))).toBe('token-missing');
});
