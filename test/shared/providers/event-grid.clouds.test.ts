import { beforeAll, describe, expect, test } from 'vitest';
import { newSigningKey, rs256 } from '../../../local/fakes/token.ts';
import type { SigningKey } from '../../../local/fakes/token.ts';
import { createApp, createSenders } from '../../../shared/app.ts';
import { findEndpoint } from '../../../shared/delivery/endpoint.ts';
import { runChecks } from '../../../shared/delivery/pipeline.ts';
import { entraToken } from '../../../shared/providers/event-grid/checks.ts';
import type { EntraRules } from '../../../shared/providers/event-grid/checks.ts';
import { inspectSettings, readSettings } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { usableKeys } from '../../../shared/verification/jwks.ts';
import { manualClock } from '../../clock.ts';
import { issuersOf } from '../../support/endpoints.ts';
import { development } from '../../support/settings.ts';
import { received, verdictOf } from '../../support/verdict.ts';

// Entra tokens in every cloud. All are signed with one key, so only the claims tell the clouds apart.
const TENANT = '11111111-2222-3333-4444-555555555555';
const AUDIENCE = 'api://ringward';
const NOW = 1_800_000_000;
const CHINA_APP = 'c0ffee00-0000-4000-8000-000000000000';
const PUBLIC_APP = '4962773b-9cdb-44cf-a8bf-237846a00ab7';
const US_APP = '54316b56-3481-47f9-8f30-0300f5542a7b';
const ENTRA = {
  EVENT_GRID_TENANT_ID: TENANT,
  EVENT_GRID_AUDIENCE: AUDIENCE,
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: 'the secret of the tests, of 32 bytes or more',
};

type Cloud = { v1: string; v2: string; app: string; settings: Environment };
const chinese = { v1: 'https://sts.chinacloudapi.cn', v2: 'https://login.partner.microsoftonline.cn' };
const clouds: Readonly<Record<string, Cloud>> = {
  public: {
    v1: 'https://sts.windows.net',
    v2: 'https://login.microsoftonline.com',
    app: PUBLIC_APP,
    settings: {},
  },
  'US Government': {
    v1: 'https://sts.windows.net',
    v2: 'https://login.microsoftonline.us',
    app: US_APP,
    settings: { EVENT_GRID_AUTHORITY: 'https://login.microsoftonline.us/' },
  },
  China: {
    ...chinese,
    app: CHINA_APP,
    settings: {
      EVENT_GRID_AUTHORITY: 'https://login.partner.microsoftonline.cn',
      EVENT_GRID_SENDER_APP_ID: CHINA_APP.toUpperCase(),
    },
  },
  'China, under its older address': {
    ...chinese,
    app: CHINA_APP,
    settings: {
      EVENT_GRID_AUTHORITY: 'https://Login.ChinaCloudApi.cn',
      EVENT_GRID_SENDER_APP_ID: CHINA_APP,
    },
  },
  'a cloud that is not known': {
    v1: 'https://sts.windows.net',
    v2: 'https://login.example',
    app: PUBLIC_APP,
    settings: { EVENT_GRID_AUTHORITY: 'https://login.example' },
  },
};
const cloudNames = Object.keys(clouds);

let key: SigningKey;
let keysById: Awaited<ReturnType<typeof usableKeys>>;
beforeAll(async () => {
  key = await newSigningKey('key');
  keysById = await usableKeys({ keys: [key.jwk] }, 'https://issuer.example');
});

const keySet = () => ({
  find: async () => keysById.get('key') ?? [],
  warm: async () => {},
  age: () => 0,
  isAvailable: () => true,
});

/** What the checks of the incoming-call route make of a request. */
async function judged(
  method: 'POST' | 'OPTIONS',
  settings: Environment,
  headers: Readonly<Record<string, string>>,
) {
  const read = readSettings({ ...development, ...ENTRA, ...settings });
  const clock = manualClock(NOW);
  const { platform } = createApp(read, {}, clock);
  const senders = createSenders(read, { ...platform, keySet });
  const url = 'https://app.example/api/events/incoming-call';
  const endpoint = findEndpoint(
    senders.flatMap(({ endpoints }) => endpoints),
    method,
    new URL(url),
  );
  const { signal } = new AbortController();
  const options = { clock, signal, record: { checked: () => {} } };
  const verdict = await runChecks(endpoint?.checks ?? [], received({ url, headers }), options);
  return verdict.outcome === 'accepted'
    ? ['accepted', ...(verdict.proof.reported ?? [])].join(', ')
    : verdict.reason;
}

const claims = ({ v1, v2, app }: Cloud, version: 1 | 2) => ({
  iss: version === 1 ? `${v1}/${TENANT}/` : `${v2}/${TENANT}/v2.0`,
  ...(version === 1 ? { appid: app } : { azp: app }),
  aud: AUDIENCE,
  tid: TENANT,
  iat: NOW - 300,
  nbf: NOW - 300,
  exp: NOW + 86_400,
  roles: ['AzureEventGridSecureWebhookSubscriber'],
  ver: `${version}.0`,
});
const delivered = (settings: Environment, given: Record<string, unknown>) =>
  judged('POST', settings, { authorization: `Bearer ${rs256({ alg: 'RS256', kid: 'key' }, given, key)}` });

const cloudOf = (name: string) => clouds[name] as Cloud;
const versions = [1, 2] as const;

describe.each(cloudNames)('in the cloud %s', (name) => {
  const cloud = cloudOf(name);

  test.each(versions)('a token of version %i is accepted', async (version) => {
    expect(await delivered(cloud.settings, claims(cloud, version))).toBe('accepted');
  });

  test.each(versions)('a token of version %i of every other cloud is refused', async (version) => {
    const own = claims(cloud, version).iss;
    const others = cloudNames.map(cloudOf).filter((other) => claims(other, version).iss !== own);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others)
      expect(await delivered(cloud.settings, claims(other, version))).toBe('token-issuer');
  });

  test.each(versions)(
    'a token of version %i of the application of another cloud is refused',
    async (version) => {
      const others = [PUBLIC_APP, US_APP, CHINA_APP, undefined, ''].filter((app) => app !== cloud.app);
      for (const app of others) {
        const given = { ...claims(cloud, version), appid: undefined, azp: undefined };
        const named = { ...given, [version === 1 ? 'appid' : 'azp']: app };
        expect(await delivered(cloud.settings, named)).toBe('token-application');
      }
    },
  );

  test.each(versions)('an issuer of version %i that only resembles is refused', async (version) => {
    const given = claims(cloud, version);
    for (const iss of [
      given.iss.replace(TENANT, '00000000-0000-4000-8000-000000000000'),
      given.iss.toUpperCase(),
      given.iss.replace(/\/$|\/v2\.0$/, ''),
      given.iss.replace('https:', 'http:'),
      `${given.iss}/`,
    ])
      expect(await delivered(cloud.settings, { ...given, iss })).toBe('token-issuer');
  });

  test('the keys are those of its issuer of version 2, from the authority that is set', () => {
    const [issuer] = issuersOf({
      ...ENTRA,
      ACS_RESOURCE_ID: '',
      CALLBACK_KEY_SECRET: '',
      ...cloud.settings,
    });
    const authority = (cloud.settings['EVENT_GRID_AUTHORITY'] ?? cloud.v2).replace(/\/$/, '');
    expect(issuer).toEqual({
      issuer: `${cloud.v2}/${TENANT}/v2.0`,
      openIdConfigurationUrl: `${authority}/${TENANT}/v2.0/.well-known/openid-configuration`,
    });
  });
});

test.each(['https://login.partner.microsoftonline.cn', 'https://login.chinacloudapi.cn'])(
  'the application of Event Grid in China is not known, so it must be set: %s',
  async (authority) => {
    const environment = { ...development, ...ENTRA, EVENT_GRID_AUTHORITY: authority };
    expect(inspectSettings(environment).faults).toEqual([
      'EVENT_GRID_SENDER_APP_ID is missing, and no document names the application of Event Grid in this cloud: set it to the appId of the service principal Microsoft.EventGrid in your tenant',
    ]);
  },
);

test('where the application is not known, no token passes, not even one that names none', async () => {
  const rules: EntraRules = {
    tenantId: TENANT,
    audiences: [AUDIENCE],
    authority: 'https://login.partner.microsoftonline.cn',
    role: 'report',
    toleranceSeconds: 60,
  };
  const check = entraToken({ rules, keys: keySet(), clock: manualClock(NOW) });
  const given = claims(cloudOf('China'), 1);
  for (const appid of [undefined, null, '', CHINA_APP, PUBLIC_APP]) {
    const token = rs256({ alg: 'RS256', kid: 'key' }, { ...given, appid }, key);
    expect(await verdictOf(check, received({ headers: { authorization: `Bearer ${token}` } }))).toBe(
      'token-application',
    );
  }
});

describe('the role', () => {
  const cloud = cloudOf('public');
  const lacking: readonly (readonly [string, unknown])[] = [
    ['without roles', undefined],
    ['with null for its roles', null],
    ['with an empty list of roles', []],
    ['with other roles', ['Reader']],
    ['with the role as text', 'AzureEventGridSecureWebhookSubscriber'],
    ['with the role in another case', ['azureeventgridsecurewebhooksubscriber']],
  ];
  const cases = versions.flatMap((version) =>
    lacking.map(([what, roles]) => [version, what, roles] as const),
  );

  test.each(cases)('a token of version %i %s is reported by default', async (version, _what, roles) => {
    expect(await delivered({}, { ...claims(cloud, version), roles })).toBe('accepted, token-role');
  });

  test.each(cases)(
    'a token of version %i %s is refused with EVENT_GRID_ROLE=enforce',
    async (version, _w, roles) => {
      const settings = { EVENT_GRID_ROLE: 'enforce' };
      expect(await delivered(settings, { ...claims(cloud, version), roles })).toBe('token-role');
      expect(await delivered(settings, claims(cloud, version))).toBe('accepted');
    },
  );

  test('what else a token lacks is refused, whatever is reported', async () => {
    const roleless = { ...claims(cloud, 1), roles: undefined };
    expect(await delivered({}, { ...roleless, appid: US_APP })).toBe('token-application');
    expect(await delivered({}, { ...roleless, tid: undefined })).toBe('token-tenant');
    expect(await delivered({}, { ...roleless, aud: 'another' })).toBe('token-audience');
    expect(await delivered({}, { ...roleless, exp: NOW - 3600 })).toBe('token-expired');
  });

  // The claims of a real delivery of 2023, with invented ids.
  test('a token as a real delivery brought it is accepted', async () => {
    const { roles: _, ...real } = { ...claims(cloud, 1), exp: NOW - 300 + 86_700, ver: '1.0' };
    const GUID = '9a1f2c3d-0b4e-4f5a-8c6d-7e8f90a1b2c3';
    expect(await delivered({ EVENT_GRID_AUDIENCE: GUID.toUpperCase() }, { ...real, aud: GUID })).toBe(
      'accepted, token-role',
    );
  });
});

describe('OPTIONS', () => {
  const SHARED = {
    EVENT_GRID_KEY_SECRET: 'grid-key',
    SECRET_GRID_KEY: 'a shared key of the tests, of 32 bytes',
  };
  const origin = { 'webhook-request-origin': 'eventgrid.azure.net' };
  const keyed = { ...origin, 'x-ringward-key': SHARED.SECRET_GRID_KEY };
  const token = () => `Bearer ${rs256({ alg: 'RS256', kid: 'key' }, claims(cloudOf('public'), 1), key)}`;

  test('is refused where Entra alone is configured, whatever it brings', async () => {
    expect(await judged('OPTIONS', {}, origin)).toBe('shared-key-not-configured');
    expect(await judged('OPTIONS', {}, keyed)).toBe('shared-key-not-configured');
    expect(await judged('OPTIONS', {}, { ...keyed, authorization: token() })).toBe(
      'shared-key-not-configured',
    );
  });

  test('needs the shared key and no token where both are configured', async () => {
    expect(await judged('OPTIONS', SHARED, { ...origin, authorization: token() })).toBe('shared-key-missing');
    expect(await judged('OPTIONS', SHARED, { ...keyed, 'x-ringward-key': 'guess' })).toBe('shared-key-wrong');
    expect(await judged('OPTIONS', SHARED, keyed)).toBe('accepted');
  });

  test('names an allowed subscription, where it names one', async () => {
    const settings = { ...SHARED, EVENT_GRID_SUBSCRIPTIONS: 'calls' };
    const named = (name: string) => judged('OPTIONS', settings, { ...keyed, 'aeg-subscription-name': name });
    expect([await named('CALLS'), await named('another')]).toEqual(['accepted', 'subscription-not-allowed']);
    expect(await judged('OPTIONS', settings, keyed)).toBe('accepted');
  });
});
