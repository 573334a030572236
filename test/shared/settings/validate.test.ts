import { expect, test } from 'vitest';
import { providers } from '../../../shared/providers/index.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { development, faultsOf, production } from '../../support/settings.ts';

test.each<[string, Environment]>([
  ['an app in Azure', production],
  ['a developer without anything else', development],
  [
    'a developer with a secret of his own',
    { ...development, CALLBACK_KEY_SECRET: 'my-key', SECRET_MY_KEY: 'secret' },
  ],
  [
    'a developer with a vault',
    { ...development, CALLBACK_KEY_SECRET: 'my-key', KEY_VAULT_URL: 'https://vault.example' },
  ],
  [
    'a developer with an issuer on loopback',
    {
      ...development,
      ACS_OPENID_CONFIGURATION_URL: 'http://127.0.0.1:7001/c',
      ACS_ISSUER: 'http://127.0.0.1:7001',
    },
  ],
  [
    'a developer with a base URL on localhost',
    { ...development, CALLBACK_BASE_URL: 'http://localhost:7071' },
  ],
  [
    'a developer with a base URL on loopback of version 6',
    { ...development, CALLBACK_BASE_URL: 'http://[::1]:7071' },
  ],
])('%s can start', (_who, environment) => {
  expect(faultsOf(environment)).toEqual([]);
});

test.each<[string, Environment, string | RegExp]>([
  ['a secret', { ...production, CALLBACK_KEY_SECRET: '' }, /^CALLBACK_KEY_SECRET is missing/],
  [
    'a vault for its secret',
    { ...production, KEY_VAULT_URL: '' },
    /^CALLBACK_KEY_SECRET names a secret, but there is no vault: set KEY_VAULT_URL$/,
  ],
  [
    'a vault, with the secret in a setting',
    { ...production, KEY_VAULT_URL: '', SECRET_CALLBACK_KEY: 'secret' },
    /^CALLBACK_KEY_SECRET .* no vault/,
  ],
  ['a ledger', { ...production, LEDGER: '' }, /^LEDGER_TABLE_URL is missing/],
  ['a table', { ...production, LEDGER: 'table' }, /^LEDGER_TABLE_URL is missing/],
])('an app in Azure without %s cannot', (_what, environment, fault) => {
  expect(faultsOf(environment)).toEqual([expect.stringMatching(fault)]);
});

test('a developer whose secret is nowhere is told both ways to mend it', () => {
  expect(faultsOf({ ...development, CALLBACK_KEY_SECRET: 'my-key' })).toEqual([
    'CALLBACK_KEY_SECRET names a secret, but there is no vault: set KEY_VAULT_URL, or SECRET_<NAME> to the secret itself (the name in upper case, with - as _)',
  ]);
});

test.each(['ACS_ISSUER', 'ACS_OPENID_CONFIGURATION_URL', 'CALLBACK_KEY_SECRET'])(
  '%s is a fault without the route that it is for',
  (name) => {
    const value = name === 'CALLBACK_KEY_SECRET' ? 'name' : 'https://issuer.example';
    expect(faultsOf({ ...development, ACS_RESOURCE_ID: '', [name]: value })).toEqual([
      expect.stringMatching(/^No sender is enabled: set what enables yours\n/),
      expect.stringMatching(`^${name} has no use without ACS_RESOURCE_ID`),
    ]);
  },
);

test('without any sender there is a table of what enables each', () => {
  const [fault = ''] = faultsOf({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development' });
  const [, ...rows] = fault.split('\n');
  expect(rows).toHaveLength(providers.length);
  expect(rows.map((row) => row.trim())).toEqual(
    expect.arrayContaining([
      'Event Grid       EVENT_GRID_KEY_SECRET or EVENT_GRID_TENANT_ID (docs/incoming-calls.md)',
      'LiveKit          LIVEKIT_KEYS (docs/livekit.md)',
    ]),
  );
});

test.each([
  ['VONAGE_PROJECTS', '12345678', 'SECRET_VONAGE_<APIKEY>_<KIND> or SECRET_VONAGE_<APIKEY>'],
  ['VONAGE_ACCOUNTS', '12345678', 'SECRET_VONAGE_<APIKEY>_ACCOUNT'],
  ['LIVEKIT_KEYS', 'APIabcdEFGH1234', 'SECRET_LIVEKIT_<APIKEY>'],
  ['TWILIO_ACCOUNTS', 'AC0123456789abcdef0123456789abcdef', 'SECRET_TWILIO_<ACCOUNTSID>'],
])(
  'a developer with %s alone learns what its secret is called, and of no other sender',
  (name, value, secret) => {
    const given = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', CALLBACK_BASE_URL: 'https://tunnel.example' };
    const faults = faultsOf({ ...given, [name]: value });
    expect(faults).toEqual([expect.stringContaining(`set KEY_VAULT_URL, or ${secret} to the secret itself`)]);
    expect(faults[0]).toMatch(new RegExp(`^${name} needs a vault with its secret, `));
  },
);

test('of several projects the one without a secret is named by its place', () => {
  const projects = {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    VONAGE_PROJECTS: '12345678,2:an-application',
  };
  expect(faultsOf({ ...projects, SECRET_VONAGE_12345678_SIP: 'x'.repeat(32) })).toEqual([
    expect.stringContaining(
      'the secret of its 2nd element, vonage-<applicationId>-<kind> or vonage-<applicationId> or vonage-<apiKey>-<kind> or vonage-<apiKey>: set',
    ),
  ]);
});

const addresses = [
  'ACS_ISSUER',
  'ACS_OPENID_CONFIGURATION_URL',
  'CALLBACK_BASE_URL',
  'KEY_VAULT_URL',
] as const;
const insecure = (name: string) => [expect.stringMatching(`^${name} must begin with https://`)];

test.each(addresses)('%s over http is a fault in Azure, on loopback as well', (name) => {
  for (const address of ['http://a.example', 'http://127.0.0.1:7001', 'http://localhost', 'http://[::1]']) {
    expect(faultsOf({ ...production, [name]: address })).toEqual(insecure(name));
  }
});

test.each(addresses)('%s over http is a fault in Development unless it is on loopback', (name) => {
  const elsewhere = [
    'http://a.example',
    'http://localhost.a.example',
    'http://127.0.0.1.a.example',
    'http://a.example/127.0.0.1',
    'http://127.0.0.1@a.example',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://[::2]',
    'http://[::ffff:127.0.0.1]',
  ];
  // Where a user or a path has no place the address is at fault already.
  const plain: readonly string[] = ['CALLBACK_BASE_URL', 'KEY_VAULT_URL'];
  for (const address of elsewhere.filter((one) => !plain.includes(name) || !/@|e\//.test(one))) {
    expect(faultsOf({ ...development, [name]: address })).toEqual(insecure(name));
  }
});

test.each(addresses)('%s over http is a fault in Azure however its scheme is spelled', (name) => {
  expect(faultsOf({ ...production, [name]: 'HTTP://a.example' })).toEqual(insecure(name));
});

test.each([
  ['EVENT_GRID_KEY_SECRET', 'shared', 'CALLBACK_KEY_SECRET and EVENT_GRID_KEY_SECRET'],
  ['EVENT_GRID_KEY_SECRET', 'SHARED', 'CALLBACK_KEY_SECRET and EVENT_GRID_KEY_SECRET'],
  ['ACS_CONNECTION_STRING_SECRET', 'shared', 'ACS_CONNECTION_STRING_SECRET and CALLBACK_KEY_SECRET'],
])('two settings may not name one secret: CALLBACK_KEY_SECRET and %s', (name, secret, both) => {
  const environment = {
    ...production,
    CALLBACK_KEY_SECRET: 'shared',
    ACS_ENDPOINT: 'https://ringward.communication.azure.com',
    CALLBACK_BASE_URL: 'https://calls.example.com',
  };
  expect(faultsOf({ ...environment, [name]: secret })).toEqual([
    `${both} name the same secret: give each a secret of its own`,
  ]);
  expect(faultsOf({ ...environment, [name]: 'another' })).toEqual([]);
});

test.each([' ', '\n', '\t \t'])('a secret in a setting that is blank (%j) is a fault', (blank) => {
  const own = { ...development, CALLBACK_KEY_SECRET: 'my-key', SECRET_MY_KEY: blank };
  expect(faultsOf(own)).toEqual(['SECRET_MY_KEY is blank: set it to 32 random bytes or more']);
  const ofVonage = { ...development, VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678_SIP: blank };
  expect(faultsOf(ofVonage)).toEqual([
    'SECRET_VONAGE_12345678_SIP is blank: set it to 32 random bytes or more',
  ]);
  expect(faultsOf({ ...production, SECRET_CALLBACK_KEY: blank })).toEqual([]);
});

test('a vault whose address is at fault is told once, and not called missing as well', () => {
  expect(faultsOf({ ...production, VONAGE_PROJECTS: '1', KEY_VAULT_URL: 'vault' })).toEqual([
    'KEY_VAULT_URL must be a URL: https://…',
  ]);
});
