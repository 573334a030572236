import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  inspectSettings,
  readSettings,
  SettingsError,
  settingsTable,
} from '../../../shared/settings/settings.ts';
import { exampleOf, secretSetting } from '../../../shared/settings/table.ts';
import type { SettingName } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { faultsOf, production } from '../../support/settings.ts';

const names = Object.keys(settingsTable) as SettingName[];

test.each(names)('%s has a meaning and an example, and what it offers can be read', (name) => {
  const { meaning, parse, ...rest } = settingsTable[name];
  const example = exampleOf(settingsTable[name]);
  expect(meaning).toMatch(/^[`A-Z].{9,}[^.\s]$/);
  expect(example).not.toBe('');
  expect(() => parse(example)).not.toThrow();
  const given = 'default' in rest ? rest.default : undefined;
  if (given) expect(() => parse(given)).not.toThrow();
});

test('every example together is a set of settings that can be started with', () => {
  const examples = Object.fromEntries(names.map((name) => [name, exampleOf(settingsTable[name])]));
  expect(faultsOf({ ...examples, SECRET_CALLBACK_KEY: 'secret' })).toEqual([]);
});

test('what is not set has the value of its default', () => {
  const settings = readSettings(production);
  expect(settings).toMatchObject({
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    ACS_ISSUER: 'https://acscallautomation.communication.azure.com',
    ACS_OPENID_CONFIGURATION_URL:
      'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    CALLBACK_KEY_TTL_SECONDS: 86_400,
    CALLBACK_TOKEN_LIFE_SECONDS: 300,
    MEDIA_TOKEN_LIFE_SECONDS: 86_400,
    PORT: 8080,
    MEDIA_MAX_SOCKETS: 1000,
    MEDIA_MAX_UNPROVED: 1000,
    MEDIA_HEADER_SECONDS: 10,
    MEDIA_MAX_FRAME_BYTES: 65_536,
    MEDIA_MAX_FRAMES_PER_SECOND: 500,
    MEDIA_MAX_QUEUED_BYTES: 262_144,
    MEDIA_HEARTBEAT_SECONDS: 30,
    MEDIA_IDLE_SECONDS: 600,
    MEDIA_STOP_GRACE_SECONDS: 20,
    SOURCE_ADDRESSES: 'report',
    SOURCE_ADDRESS_RANGES: [],
    TRUSTED_PROXY_HOPS: 1,
    LEDGER_LEASE_SECONDS: 8,
    TOKEN_REUSE: 'report',
    CALL_BINDING: 'report',
    EVENT_GRID_ROLE: 'report',
    CLOCK_TOLERANCE_SECONDS: 60,
    KEY_SET_MAX_STALE_SECONDS: 86_400,
    HANDLER_TIMEOUT_SECONDS: 20,
  });
  expect([settings.CALLBACK_BASE_URL, settings.WEBSITE_HOSTNAME]).toEqual([undefined, undefined]);
});

test('inspected, what cannot be read has its default, or is absent, and is told of all the same', () => {
  const { settings, faults } = inspectSettings({
    ...production,
    TRUSTED_PROXY_HOPS: 'few',
    ACS_ENDPOINT: 'nowhere',
  });
  expect([settings.TRUSTED_PROXY_HOPS, settings.ACS_ENDPOINT]).toEqual([1, undefined]);
  expect(faults.filter((fault) => / must be /.test(fault)).map((fault) => fault.split(' ')[0])).toEqual([
    'TRUSTED_PROXY_HOPS',
    'ACS_ENDPOINT',
  ]);
});

test.each(['', ' ', '\t\n'])('what is empty counts as absent: %j', (empty) => {
  const optional = names.filter((name) => !Object.hasOwn(production, name));
  const emptied = Object.fromEntries(optional.map((name) => [name, empty]));
  const { developmentSecret: _given, ...settings } = readSettings({ ...production, ...emptied });
  const { developmentSecret: _without, ...expected } = readSettings(production);
  expect(settings).toEqual(expected);
});

test('white space around a value is no part of it', () => {
  const [one, other] = ['11111111-2222-3333-4444-555555555555', '11111111-2222-3333-4444-666666666666'];
  const settings = readSettings({
    ...production,
    ACS_RESOURCE_ID: ` ${one} , ${other} `,
    SOURCE_ADDRESSES: ' enforce\n',
  });
  expect([settings.ACS_RESOURCE_ID, settings.SOURCE_ADDRESSES]).toEqual([[one, other], 'enforce']);
});

test('a handler may have one second, and no less', () => {
  expect(faultsOf({ ...production, HANDLER_TIMEOUT_SECONDS: '1' })).toEqual([]);
  expect(faultsOf({ ...production, HANDLER_TIMEOUT_SECONDS: '0' })).toEqual([
    'HANDLER_TIMEOUT_SECONDS must be a whole number from 1 to 220',
  ]);
});

test('every fault is in the one message, each under the name of its setting', () => {
  const faulty: Environment = {
    ...production,
    ACS_RESOURCE_ID: 'one,,two',
    ACS_OPENID_CONFIGURATION_URL: 'not a url',
    CALLBACK_BASE_URL: 'https://app.example/?a=1',
    CALLBACK_KEY_TTL_SECONDS: '1e3',
    SOURCE_ADDRESSES: 'maybe',
    SOURCE_ADDRESS_RANGES: '10.0.0.0',
    TRUSTED_PROXY_HOPS: '0',
    LEDGER: 'redis',
  };
  const faults = faultsOf(faulty);
  const expected = Object.keys(faulty).filter((name) => faulty[name] !== production[name]);
  expect(faults.map((fault) => fault.split(' ', 1)[0]).toSorted()).toEqual(expected.toSorted());
  const { message } = new SettingsError(faults);
  expect(message).toContain(`${expected.length} settings are at fault`);
  for (const fault of faults) expect(message).toContain(`\n  - ${fault}\n`);
  expect(new SettingsError(['A fault']).message).toContain('one setting is at fault');
});

test('no fault repeats what a setting holds, which may be a secret in the wrong place', () => {
  // Of letters and digits it can pass for the name of something, with anything else it is no form of anything.
  for (const secret of [
    'c2VjcmV0b2Zzb21lYm9keQ',
    'pa$$ w0rd',
    'https://x.example/?sig=c2VjcmV0 b2',
    'a,s3cr3t wh0le,',
  ]) {
    for (const name of names) {
      for (const AZURE_FUNCTIONS_ENVIRONMENT of ['Development', 'Production']) {
        const faults = faultsOf({ AZURE_FUNCTIONS_ENVIRONMENT, [name]: secret });
        const told = faults.join('\n').toLowerCase();
        for (const part of [secret, ...secret.split(/[ ,]/)].filter((one) => one.length > 1)) {
          expect(told, name).not.toContain(part.toLowerCase());
        }
      }
    }
  }
});

test('faults of one setting and contradictions between several come together', () => {
  const faults = faultsOf({
    ...production,
    LEDGER: undefined,
    TRUSTED_PROXY_HOPS: 'many',
    CALLBACK_BASE_URL: 'http://app.example',
  });
  expect(faults.map((fault) => fault.split(' ', 1)[0])).toEqual([
    'TRUSTED_PROXY_HOPS',
    'CALLBACK_BASE_URL',
    'LEDGER_TABLE_URL',
  ]);
});

test('whatever the environment, there are settings or a SettingsError with a fault for each line of it', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'Development',
      'http://localhost:1',
      'https://a.example',
      'HTTP://a.example',
      'name',
      '60',
      'report',
      'memory',
      'on',
      '::/0',
    ),
  );
  const environment = fc.record(Object.fromEntries([...names, 'SECRET_NAME'].map((name) => [name, text])), {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(environment, (given) => {
      try {
        expect(readSettings(given).TRUSTED_PROXY_HOPS).toBeGreaterThan(0);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SettingsError);
        for (const fault of (thrown as SettingsError).faults)
          expect([...names, 'No']).toContain(fault.split(' ', 1)[0]);
      }
    }),
    { numRuns: 500 },
  );
});

test('names of every object are no settings', () => {
  const { developmentSecret: _one, ...settings } = readSettings(
    Object.assign(Object.create({ TRUSTED_PROXY_HOPS: '2' }), production, {
      constructor: 'x',
      __proto__: null,
    }),
  );
  expect(Object.keys(settings)).toContain('ACS_RESOURCE_ID');
  expect(Object.keys(settings).every((name) => names.includes(name as SettingName))).toBe(true);
});

test('a secret comes from a setting in Development alone, and an empty one is none', () => {
  const secrets = { SECRET_CALLBACK_KEY: 'secret', SECRET_EMPTY: '' };
  const development = readSettings({ ...production, ...secrets, AZURE_FUNCTIONS_ENVIRONMENT: 'Development' });
  expect(development.developmentSecret('callback-key')).toBe('secret');
  expect([development.developmentSecret('empty'), development.developmentSecret('other')]).toEqual([
    undefined,
    undefined,
  ]);
  for (const environment of ['Production', 'Staging', 'development', 'Development2', undefined]) {
    const settings = readSettings({ ...production, ...secrets, AZURE_FUNCTIONS_ENVIRONMENT: environment });
    expect(settings.developmentSecret('callback-key')).toBeUndefined();
  }
});

test('the setting of a secret is named after it', () => {
  expect([secretSetting('callback-key'), secretSetting('Vonage-1a2B')]).toEqual([
    'SECRET_CALLBACK_KEY',
    'SECRET_VONAGE_1A2B',
  ]);
});
