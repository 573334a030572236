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

test('an empty variable is no setting, misspelled or not', () => {
  expect(unknownNames({ ACS_KEY: ' ', KEYVAULT_URL: '', KEY_VAULT_URI: undefined })).toEqual([]);
});

test('settings that cannot be started with are told with the misspelled names', () => {
  expect(() => readSettings({ VONAGE_PROJECT: 'hunter2' })).toThrow(
    /No sender is enabled[^]*\n {2}- VONAGE_PROJECT is no setting: VONAGE_PROJECTS is probably meant\n/,
  );
  expect(() => readSettings({ VONAGE_PROJECT: 'hunter2' })).not.toThrow(/hunter2/);
});
