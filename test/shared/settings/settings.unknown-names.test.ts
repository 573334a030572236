import { expect, test } from 'vitest';
import { readSettings, settingsTable, unknownNames } from '../../../shared/settings/settings.ts';

const found = (...names: readonly string[]) =>
  unknownNames(Object.fromEntries(names.map((name) => [name, 'value'])));

test.each([
  ['ACS_RESOURCEID', 'ACS_RESOURCE_ID'],
  ['ACS_RESOURCE_IDS', 'ACS_RESOURCE_ID'],
  ['ASC_RESOURCE_ID', 'ACS_RESOURCE_ID'],
  ['acs_resource_id', 'ACS_RESOURCE_ID'],
  ['KEYVAULT_URL', 'KEY_VAULT_URL'],
  ['KEY_VAULT_URI', 'KEY_VAULT_URL'],
  ['TOKEN_RESUE', 'TOKEN_REUSE'],
  ['CALLBACKKEY_SECRET', 'CALLBACK_KEY_SECRET'],
  ['CALLBACK_KEY_TTL_SECOND', 'CALLBACK_KEY_TTL_SECONDS'],
  ['LEDGE', 'LEDGER'],
])('%s is probably meant for %s', (name, meant) => {
  expect(found(name)).toEqual([{ name, meant }]);
});

test.each(['ACS_KEY', 'EVENT_GRID_X', 'VONAGE_API_SECRET', 'CALLBACK_URL', 'LEDGER_SIZE'])(
  '%s looks like a setting, and is none',
  (name) => {
    expect(found(name)).toEqual([{ name, meant: undefined }]);
  },
);

test('settings, and what other software has in its environment, are let be', () => {
  expect(found(...Object.keys(settingsTable))).toEqual([]);
  expect(
    found('PATH', 'HOME', 'NODE_OPTIONS', 'AzureWebJobsStorage', 'WEBSITE_SITE_NAME', 'SECRET_CALLBACK_KEY'),
  ).toEqual([]);
  expect(found('FUNCTIONS_WORKER_RUNTIME', 'IDENTITY_HEADER', 'HTTPS_PROXY', 'HTTP_PROXY', '', '_')).toEqual(
    [],
  );
});

const development = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  CALLBACK_KEY_SECRET: 'callback-key',
  VONAGE_PROJECTS: '46123456:an-application',
};

test.each([
  ['SECRET_VONGE_46123456', 'SECRET_VONAGE_46123456'],
  ['SECRET_VONAGE_46123456_ARCHIV', 'SECRET_VONAGE_46123456_ARCHIVE'],
  ['secret_vonage_46123456', 'SECRET_VONAGE_46123456'],
  ['SECRET_CALBACK_KEY', 'SECRET_CALLBACK_KEY'],
  ['SECRET_VONAGE_<APIKEY>', undefined],
  ['SECRET_VONAGE_49999999', undefined],
  ['secret_of_another', undefined],
])('in Development %s is a secret that nothing reads', (name, meant) => {
  expect(unknownNames({ ...development, [name]: 'hunter2' })).toEqual([{ name, meant }]);
});

test('secrets that are read in Development are let be, and outside Development another warning names them', () => {
  const read = ['CALLBACK_KEY', 'VONAGE_46123456', 'VONAGE_46123456_SIP', 'VONAGE_AN_APPLICATION_SIP'];
  const secrets = Object.fromEntries(read.map((name) => [`SECRET_${name}`, 'hunter2']));
  expect(unknownNames({ ...development, ...secrets })).toEqual([]);
  expect(unknownNames({ ...development, AZURE_FUNCTIONS_ENVIRONMENT: '', SECRET_OTHER: 'hunter2' })).toEqual(
    [],
  );
});

test('where the secret is missing the misspelled one is named, and its value is not', () => {
  const start = () =>
    readSettings({ ...development, SECRET_CALLBACK_KEY: 'x', SECRET_VONGE_46123456: 'hunter2' });
  expect(start).toThrow(
    /\n {2}- SECRET_VONGE_46123456 is not read by Ringward: SECRET_VONAGE_46123456 is probably meant\n/,
  );
  expect(start).not.toThrow(/hunter2/);
});

test('an empty variable is no setting, misspelled or not', () => {
  expect(unknownNames({ ACS_KEY: ' ', KEYVAULT_URL: '', KEY_VAULT_URI: undefined })).toEqual([]);
});

test('settings that cannot be started with are told with the misspelled names', () => {
  expect(() => readSettings({ VONAGE_PROJECT: 'hunter2' })).toThrow(
    /No sender is enabled[^]*\n {2}- VONAGE_PROJECT is not read by Ringward: VONAGE_PROJECTS is probably meant\n/,
  );
  expect(() => readSettings({ VONAGE_PROJECT: 'hunter2' })).not.toThrow(/hunter2/);
});
