import { expect, test } from 'vitest';
import { readSettings, warnAtStart } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { settingsWarnings } from '../../../shared/settings/validate.ts';
import { production } from '../../support/settings.ts';

function warnings(environment: Environment) {
  const noted: unknown[] = [];
  warnAtStart(environment, (...note) => noted.push(note));
  return noted;
}

test('there is nothing to say of settings as they are meant', () => {
  expect(warnings(production)).toEqual([]);
});

test('the warning names a misspelled setting and never its value', () => {
  const misspelled = { ...production, KEYVAULT_URL: 'hunter2', ACS_KEY: 'hunter2' };
  expect(warnings(misspelled)).toEqual([
    ['warn', 'setting-unknown', { name: 'KEYVAULT_URL', meant: 'KEY_VAULT_URL' }],
    ['warn', 'setting-unknown', { name: 'ACS_KEY' }],
  ]);
});

test('the warning names a secret in the settings of a deployed app and never its value', () => {
  expect(warnings({ ...production, SECRET_CALLBACK_KEY: 'hunter2' })).toEqual([
    ['warn', 'setting-doubtful', { why: expect.stringMatching(/^SECRET_CALLBACK_KEY is not read.*vault/) }],
  ]);
  const development = { ...production, AZURE_FUNCTIONS_ENVIRONMENT: 'Development', SECRET_CALLBACK_KEY: '' };
  expect(warnings(development)).toEqual([]);
});

const { KEY_VAULT_URL: _, ...base } = production;
const entra = { EVENT_GRID_TENANT_ID: base.ACS_RESOURCE_ID, EVENT_GRID_AUDIENCE: 'api://ringward' };
const US = 'https://login.microsoftonline.us';
const usApplication = '54316b56-3481-47f9-8f30-0300f5542a7b';

test.each<[string, Environment, RegExp[]]>([
  [
    'everything in the public cloud',
    {
      WEBSITE_HOSTNAME: 'ringward.azurewebsites.net',
      KEY_VAULT_URL: 'https://r.vault.azure.net',
      LEDGER_TABLE_URL: 'https://r.table.core.windows.net',
      ACS_ENDPOINT: 'https://r.communication.azure.com',
      ...entra,
    },
    [],
  ],
  [
    'everything in US Government, with domains of its own',
    {
      WEBSITE_HOSTNAME: 'ringward.azurewebsites.us',
      CALLBACK_BASE_URL: 'https://calls.example.com',
      KEY_VAULT_URL: 'https://r.vault.usgovcloudapi.net',
      ...entra,
      EVENT_GRID_AUTHORITY: US,
      EVENT_GRID_SENDER_APP_ID: usApplication,
    },
    [],
  ],
  [
    'everything in China, whose application is not known',
    {
      KEY_VAULT_URL: 'https://r.vault.azure.cn',
      ...entra,
      EVENT_GRID_AUTHORITY: 'https://login.chinacloudapi.cn',
      EVENT_GRID_SENDER_APP_ID: base.ACS_RESOURCE_ID,
    },
    [],
  ],
  [
    'an authority that is not set in US Government',
    {
      WEBSITE_HOSTNAME: 'ringward.azurewebsites.us',
      KEY_VAULT_URL: 'https://r.vault.usgovcloudapi.net',
      ...entra,
    },
    [
      /^EVENT_GRID_AUTHORITY is not set, and its default belongs to the public cloud, but WEBSITE_HOSTNAME, KEY_VAULT_URL to US Government: /,
    ],
  ],
  [
    'an application of another cloud than the authority',
    { ...entra, EVENT_GRID_AUTHORITY: US, EVENT_GRID_SENDER_APP_ID: '4962773B-9cdb-44cf-a8bf-237846a00ab7' },
    [/^EVENT_GRID_AUTHORITY belongs to US Government, but EVENT_GRID_SENDER_APP_ID to the public cloud: /],
  ],
  [
    'a vault of one cloud, and the rest of another',
    {
      KEY_VAULT_URL: 'https://r.vault.azure.cn',
      LEDGER_TABLE_URL: 'https://r.table.core.windows.net',
      ACS_ENDPOINT: 'https://r.communication.azure.com',
      CALLBACK_BASE_URL: 'https://calls.example.com',
    },
    [/^KEY_VAULT_URL belongs to China, but LEDGER_TABLE_URL, ACS_ENDPOINT to the public cloud: set them/],
  ],
  [
    'an issuer of one cloud, and the resource of another',
    {
      ACS_ISSUER: 'https://acscallautomation.communication.azure.us',
      ACS_ENDPOINT: 'https://r.communication.azure.com',
      KEY_VAULT_URL: 'https://r.vault.azure.net',
    },
    [/^ACS_ISSUER belongs to US Government, but KEY_VAULT_URL, ACS_ENDPOINT to the public cloud: /],
  ],
  ['a base URL with another path', { CALLBACK_BASE_URL: 'https://calls.example.com/myapi' }, []],
  [
    'a base URL that ends in the route prefix',
    { CALLBACK_BASE_URL: 'https://calls.example.com/API/' },
    [/^CALLBACK_BASE_URL holds the route prefix \/api of host\.json, .*: end it before \/api/],
  ],
  [
    'a whole callback URI instead of the base URL',
    { CALLBACK_BASE_URL: 'https://calls.example.com/api/callbacks/call-automation' },
    [/^CALLBACK_BASE_URL holds the route prefix/],
  ],
])('%s: the start says what is probably not meant', (_what, environment, expected) => {
  const why = expected.map((pattern) => expect.stringMatching(pattern));
  expect(warnings({ ...base, ...environment })).toEqual(
    why.map((text) => ['warn', 'setting-doubtful', { why: text }]),
  );
});

test('two settings of two clouds are each told where a third decides', () => {
  const noted = warnings({
    ...base,
    KEY_VAULT_URL: 'https://hunter2.vault.azure.cn',
    LEDGER_TABLE_URL: 'https://hunter2.table.core.windows.net',
    ACS_ENDPOINT: 'https://hunter2.communication.azure.com',
    MEDIA_URL: 'wss://hunter2.azurecontainerapps.us/media',
  });
  expect(noted).toHaveLength(2);
  expect(JSON.stringify(noted)).not.toContain('hunter2');
});

const impatient = {
  name: 'impatient',
  title: 'Impatient',
  page: 'impatient.md',
  settings: {},
  enabledBy: ['ACS_RESOURCE_ID'],
  waitSeconds: 5,
};
test.each<[string, string | undefined, object, number]>([
  ['not set', undefined, impatient, 0],
  ['short enough', '4', impatient, 0],
  ['too long', '5', impatient, 1],
  ['too long for a sender that is not enabled', '5', { ...impatient, enabledBy: ['OTHER'] }, 0],
  ['as long as anybody likes', '220', { ...impatient, waitSeconds: undefined }, 0],
])('a timeout of handlers that is %s gives the right number of warnings', (_what, seconds, sender, count) => {
  const environment = { ...production, HANDLER_TIMEOUT_SECONDS: seconds };
  const found = settingsWarnings(readSettings(environment), {}, [sender as typeof impatient], environment);
  expect(found).toHaveLength(count);
  for (const why of found) {
    expect(why).toBe(
      'HANDLER_TIMEOUT_SECONDS is 5, but impatient waits 5 s for a reply: its handlers are cut off a second before that',
    );
  }
});
