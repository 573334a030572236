import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { providers } from '../../../shared/providers/index.ts';
import type { Provider } from '../../../shared/providers/provider.ts';
import { inspectSettings, settingsTable } from '../../../shared/settings/settings.ts';
import { readEnvironment } from '../../../tools/doctor/sources.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { doctorCommand, examined, rowsOf, startWorld } from './doctor.setup.ts';
import type { World } from './doctor.setup.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('where all is well it says so of every check, and ends with 0', async () => {
  const { code, output, errors } = await examined([], world.environment);
  expect([code, errors]).toEqual([0, '']);
  const { settings } = inspectSettings(world.environment);
  const impliedSecrets = (providers as unknown as readonly Provider[])
    .flatMap((provider) => provider.secrets?.(settings) ?? [])
    .map(
      ({ name, purposes }) => `secret${new Set(Object.values(purposes).flat()).size > 1 ? 's' : ''} ${name}`,
    );
  expect(impliedSecrets).toContain(`secrets vonage-${world.cloud.vonage.apiKey}`);
  const checks = [...output.matchAll(/^✓ (.+?) {2,}/gm)].map(([, check]) => check);
  expect(checks).toEqual([
    'settings',
    'sign-in',
    'keys of Call Automation',
    'keys of Entra',
    'secret callback-key',
    'secret event-grid-key',
    // Two senders can share one.
    ...new Set(impliedSecrets),
    'ledger',
    'calls',
    'base URL',
    'clock',
  ]);
  expect(output).toContain(`${checks.length} well, 0 to look at, 0 at fault.\n`);
});

test('the command ends with 0 where all is well, and with 1 where something is at fault', async () => {
  const environment = {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    LIVEKIT_KEYS: 'APIabcdEFGH1234',
    SECRET_LIVEKIT_APIABCDEFGH1234: 'a development secret of 32 bytes or more',
  };
  const well = await doctorCommand([], environment);
  expect([well.code, well.errors, well.output]).toEqual([
    0,
    '',
    expect.stringMatching(/, 0 to look at, 0 at fault\.\n$/),
  ]);
  const faulty = await doctorCommand([], { ...environment, TRUSTED_PROXY_HOPS: 'many' });
  expect([faulty.code, faulty.output]).toEqual([1, expect.stringMatching(/^✗ setting TRUSTED_PROXY_HOPS/m)]);
});

test('of a secret for several kinds it has the same doubt as the app, and of a secret that nothing reads', async () => {
  const { code, output } = await examined([], {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    VONAGE_PROJECTS: '12345678',
    SECRET_VONAGE_12345678: 'a development secret of 32 bytes or more',
    SECRET_VONAGE_12345678_SIP: 'another development secret of 32 bytes or more',
    SECRET_VONGE_12345678_SIP: 'hunter2',
  });
  expect(code).toBe(0);
  expect(rowsOf(output, 'secret vonage-12345678')).toEqual([
    expect.stringMatching(/^✓/),
    expect.stringMatching(
      /^! .* serves session-monitoring, archive, experience-composer, broadcast, captions → give each kind/,
    ),
  ]);
  expect(rowsOf(output, 'setting SECRET_VONGE_12345678_SIP')).toEqual([
    expect.stringMatching(/^! .* is not read by Ringward → SECRET_VONAGE_12345678_SIP is probably meant/),
  ]);
  expect(output).not.toContain('hunter2');
});

test('the secret of a Vonage account, which has one name, is asked for by that name', async () => {
  const { code, output } = await examined([], { ...world.environment, VONAGE_ACCOUNTS: 'nobody' });
  expect(code).toBe(1);
  expect(output).toMatch(
    /✗ secret vonage-nobody-account .*--name vonage-nobody-account --file \/dev\/stdin .*, then paste the signature secret of the Vonage dashboard/s,
  );
  expect(output.match(/vonage-nobody-account .*there is no such secret/g)).toHaveLength(1);
});

test('on a broken configuration it names each of ten seeded faults, and ends with 1', async () => {
  const { cloud, environment } = world;
  const { vault } = cloud.azure;
  const short = 'not so long a secret';
  const open = 'lies-open-in-the-settings-of-the-app';
  vault.add('disabled-key', short, { enabled: false });
  cloud.acs.play('keys', 'not-found');
  cloud.entra.drift(600);
  onTestFinished(() => {
    cloud.acs.play('keys');
    cloud.entra.drift(0);
  });
  vault.add('another-resource', 'endpoint=https://another.communication.azure.com/;accesskey=c2VjcmV0');
  const { code, output } = await examined([], {
    ...environment,
    TRUSTED_PROXY_HOPS: open, // 1: in the wrong setting
    SECRET_MISPLACED: open,
    MEDIA_URL: 'ws://media.example.com/media', // 2
    CALLBACK_KEY_SECRET: 'forgotten-key', // 3
    EVENT_GRID_KEY_SECRET: 'disabled-key', // 4
    VONAGE_PROJECTS: 'nobody', // 5
    ACS_CONNECTION_STRING_SECRET: 'another-resource', // 6
    LEDGER_TABLE_URL: 'http://127.0.0.1:9/devstoreaccount1', // 7
    CALLBACK_BASE_URL: 'https://192.168.1.20', // 8
    // 9: the keys of Call Automation; 10: the clock
    LEDGER_OUTTAGE: 'refuse',
  });
  expect(code).toBe(1);
  const seeded: Record<string, RegExp> = {
    'setting TRUSTED_PROXY_HOPS': /✗ .* must be a whole number from 1 to 10/,
    'setting MEDIA_URL': /✗ .* must begin with wss:/,
    'secret forgotten-key':
      /✗ .* there is no such secret .* → openssl rand .* \| az keyvault secret set --vault-name ringward-fake --name forgotten-key/,
    'secret disabled-key': /✗ .* every version is disabled → enable one/,
    'secret vonage-nobody': /✗ .* no secret for session-monitoring, .* → put the signature secret/,
    'secret another-resource': /✗ .* is of another resource than ACS_ENDPOINT/,
    ledger: /✗ .* cannot read the table: the table cannot be reached, .* → check LEDGER_TABLE_URL/,
    'base URL': /✗ .* 192\.168\.1\.20 is no public address/,
    'keys of Call Automation': /✗ .* the key set answered 404 → check ACS_ISSUER/,
    clock: /✗ .* (?:59|60|6[1-9])\d s behind 127\.0\.0\.1:\d+ → set the clock/,
  };
  expect(Object.keys(seeded)).toHaveLength(10);
  for (const [check, row] of Object.entries(seeded)) {
    expect(rowsOf(output, check), check).toEqual([expect.stringMatching(row)]);
  }
  expect(rowsOf(output, 'setting LEDGER_OUTTAGE')).toEqual([
    expect.stringMatching(/^! .* is not read by Ringward/),
  ]);
  expect(output).not.toContain(open);
});

/** Settings, what goes wrong meanwhile, and what the row of each check then says. */
type Case = {
  readonly settings: Record<string, string>;
  readonly seed?: (world: World) => void;
  readonly rows: Readonly<Record<string, RegExp>>;
};

test.each<[string, Case]>([
  [
    'keys that are no keys, another issuer, an unknown tenant, a wrong access key and an app that is not well',
    {
      settings: {
        CALLBACK_KEY_SECRET: 'short',
        EVENT_GRID_KEY_SECRET: 'blank',
        ACS_ISSUER: 'https://issuer.example',
        EVENT_GRID_TENANT_ID: '11111111-2222-3333-4444-555555555555',
        ACS_CONNECTION_STRING_SECRET: 'wrong',
      },
      seed({ cloud, app }) {
        const { vault } = cloud.azure;
        vault.add('short', 'x'.repeat(31));
        vault.add('blank', ' '.repeat(40));
        vault.add('wrong', `endpoint=${cloud.callAutomation.endpoint}/;accesskey=c2VjcmV0`);
        app.answer(503);
      },
      rows: {
        'secret short': /^✗ .* shorter than 32 bytes → add a version of 32 random bytes/,
        'secret blank': /^✗ .* shorter than 32 bytes/,
        'keys of Call Automation': /^✗ .* the OpenID configuration names another issuer/,
        'keys of Entra': /^✗ .* the OpenID configuration answered 404 → check EVENT_GRID_TENANT_ID/,
        calls: /^✗ .* the sign-in was refused: 401/,
        'base URL': /^✗ .* says that it is not well \(503\)/,
      },
    },
  ],
  [
    'a secret whose time is over, one that is no connection string, and a sign-in before the app',
    {
      settings: { CALLBACK_KEY_SECRET: 'over', ACS_CONNECTION_STRING_SECRET: 'event-grid-text' },
      seed({ cloud, app }) {
        const { vault } = cloud.azure;
        vault.add('over', 'x'.repeat(40), { expires: 1 });
        vault.add('event-grid-text', 'x'.repeat(40));
        app.answer(401);
      },
      rows: {
        'secret over': /^✗ .* no enabled version is in its time/,
        'secret event-grid-text': /^✗ .* is no connection string/,
        'base URL': /^✗ .* something before the app .* answers 401 → .* Easy Auth/,
      },
    },
  ],
  [
    'a vault that fails (once for all of its secrets), an endpoint that fails and an app that is not there',
    {
      settings: { CALLBACK_BASE_URL: 'http://127.0.0.1:9' },
      seed({ cloud }) {
        cloud.azure.vault.play('server-error');
        cloud.callAutomation.play('server-error');
      },
      rows: {
        vault: /^✗ .* the vault answered 500 .* → check KEY_VAULT_URL/,
        calls: /^✗ .* answered 500/,
        'base URL': /^✗ .* nothing answers at 127\.0\.0\.1:9/,
      },
    },
  ],
  [
    'secrets as people store them',
    {
      settings: {
        CALLBACK_KEY_SECRET: 'quoted',
        EVENT_GRID_KEY_SECRET: 'piped',
        CALLBACK_BASE_URL: 'https://10.0.0.1',
      },
      seed({ cloud }) {
        cloud.azure.vault.add('quoted', `"${'x'.repeat(40)}" \n`);
        cloud.azure.vault.add('piped', `${'x'.repeat(40)}\r\n`);
      },
      rows: {
        'secret quoted':
          /^! .* has white space around it, quotation marks around it → .* add a version without/,
        'secret piped': /^✓ .* 1 of 1 versions in force/,
      },
    },
  ],
  [
    'a vault that has too many requests',
    {
      settings: {},
      seed: ({ cloud }) => cloud.azure.vault.play('too-many'),
      rows: { vault: /^✗ .* the vault answered 429 .* → wait: the vault counts requests/, 'sign-in': /^✓/ },
    },
  ],
  [
    'a vault of another cloud',
    {
      settings: {},
      seed: ({ cloud }) => void (cloud.azure.vault.habits.challenge = 'foreign'),
      rows: { vault: /^✗ .* asks for a sign-in of another cloud or host → check KEY_VAULT_URL/ },
    },
  ],
  [
    'in production a name that only this machine knows, and a secret in the settings',
    {
      settings: {
        AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
        CALLBACK_BASE_URL: 'https://localhost',
        SECRET_CALLBACK_KEY: 'x'.repeat(40),
      },
      rows: {
        'base URL': /^✗ .* localhost is no public address/,
        'setting SECRET_CALLBACK_KEY': /^! .* lies open in the settings/,
      },
    },
  ],
  [
    'settings of two clouds, and a base URL with the route prefix in it',
    {
      settings: {
        EVENT_GRID_SENDER_APP_ID: '54316b56-3481-47f9-8f30-0300f5542a7b',
        CALLBACK_BASE_URL: 'http://127.0.0.1:9/api',
      },
      rows: {
        'setting EVENT_GRID_SENDER_APP_ID':
          /^! .* belongs to US Government, but KEY_VAULT_URL, ACS_ENDPOINT to the public cloud → set them/,
        'setting CALLBACK_BASE_URL':
          /^! .* holds the route prefix \/api of host\.json.* → end it before \/api/,
      },
    },
  ],
  [
    'an app with another route prefix, and numbers that retire',
    {
      settings: {},
      seed({ cloud, app }) {
        const { numbers, trunks } = cloud.callAutomation.telephony;
        numbers.push('+12065550100', '+12065550101');
        trunks.set('sbc.example.com', { sipSignalingPort: 5061 });
        app.answer(404);
      },
      rows: {
        'base URL': /^✗ .* GET \/api\/health at .* answers 404 → check .* same routePrefix as in host\.json/,
        numbers:
          /^! .* phone numbers \(2\) and Direct Routing of this resource retire on 2028-09-30 → see docs/,
      },
    },
  ],
])('told of: %s', async (_, { settings, seed, rows }) => {
  seed?.(world);
  onTestFinished(() => {
    world.cloud.callAutomation.play();
    world.cloud.callAutomation.telephony.numbers.length = 0;
    world.cloud.callAutomation.telephony.trunks.clear();
    world.cloud.azure.vault.play();
    world.cloud.azure.vault.habits.challenge = 'resource';
    world.app.answer(200);
  });
  const { code, output } = await examined([], { ...world.environment, ...settings });
  expect(code).toBe(1);
  for (const [check, row] of Object.entries(rows)) {
    expect(rowsOf(output, check), check).toEqual([expect.stringMatching(row)]);
  }
});

test('whatever is wrong, no secret and no token is printed', async () => {
  const { cloud, environment } = world;
  const value = 'k3y-that-nobody-else-may-see-in-any-output';
  cloud.azure.vault.add('seen', value);
  const { output, errors } = await doctorCommand([], {
    ...environment,
    CALLBACK_KEY_SECRET: 'seen',
    ACS_CONNECTION_STRING_SECRET: 'seen',
    SECRET_OTHER: value,
    TOKEN_REUSE: value,
    SOURCE_ADDRESS_RANGES: 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln',
  });
  expect(output).toContain('setting TOKEN_REUSE');
  expect(output).toContain('setting SOURCE_ADDRESS_RANGES');
  expect(output + errors).not.toContain(value);
  expect(output + errors).not.toContain('eyJ');
});

/** The settings of the world that the app reads, and what else a process needs, apart. */
function apart() {
  const entries = Object.entries(world.environment);
  const isSetting = ([name]: [string, unknown]) =>
    Object.hasOwn(settingsTable, name) &&
    !['AZURE_FUNCTIONS_ENVIRONMENT', 'IDENTITY_ENDPOINT'].includes(name);
  return {
    settings: Object.fromEntries(entries.filter(isSetting)),
    rest: Object.fromEntries(entries.filter((entry) => !isSetting(entry))),
  };
}

test('where nobody is signed in it says so, and that it is this machine that signs in', async () => {
  const { IDENTITY_ENDPOINT: _, ...environment } = world.environment;
  // Nor is there anything by which to sign in as a developer.
  vi.stubEnv('PATH', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, output } = await examined([], environment);
  expect(code).toBe(1);
  expect(rowsOf(output, 'sign-in')).toEqual([expect.stringMatching(/^✗ .* as you .* → sign in: az login/)]);
  expect(rowsOf(output, 'vault')).toEqual([expect.stringMatching(/^✗ .* → sign in: az login/)]);
  expect(rowsOf(output, 'calls')).toEqual([expect.stringMatching(/^✗ .* nobody is signed in .* → sign in/)]);
});

test('where there are no settings at all it says where they may come from', async () => {
  const { code, output } = await examined([], {});
  expect([code, rowsOf(output, 'settings')]).toEqual([1, [expect.stringMatching(/^! .* --settings local/)]]);
});

test.each<[string, (settings: object) => unknown]>([
  ['local.settings.json', (settings) => ({ IsEncrypted: false, Values: { ...settings, LEDGER_OUTAGE: '' } })],
  [
    'the export of a deployed app',
    (settings) => Object.entries(settings).map(([name, value]) => ({ name, value, slotSetting: false })),
  ],
])('settings come from %s', async (_, fileOf) => {
  const { settings, rest } = apart();
  const file = await fileWith(JSON.stringify(fileOf(settings)));
  const { code, output } = await examined(['--settings', file], rest);
  expect([code, output]).toEqual([0, expect.stringContaining('0 to look at, 0 at fault.')]);
});

test.each([
  ['{"Values": {"A": "sesame"}', /is not JSON \(line 1 column 27\)$/],
  [
    '{\n  // A comment\n  "Values": {"A": "sesame",} /* one\n more */ "B": 1}',
    /is not JSON \(line 4 column 10\)$/,
  ],
  ['{"Values": sesame}', /is not JSON$/],
  ['{"IsEncrypted": true, "Values": {"A": "sesame"}}', /is encrypted/],
  ['{"A": "sesame"}', /is neither a local\.settings\.json/],
])('a file of settings that says %s is refused, and not quoted', async (content, message) => {
  const file = await fileWith(content);
  const refusal = expect.objectContaining({ message: expect.stringMatching(message) });
  expect(() => readEnvironment(file, {})).toThrow(refusal);
  expect(() => readEnvironment(file, {})).not.toThrow(/sesame/);
});

test.each([
  [['--settings', '/nowhere/settings.json'], /cannot be read \(ENOENT\)/],
  [['--setings'], /--settings <file>/],
])('the arguments %j are told of', async (args, message) => {
  expect(await examined(args, {})).toMatchObject({ code: 64, errors: expect.stringMatching(message) });
});

async function fileWith(content: string): Promise<string> {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'settings.json');
  await writeFile(file, content);
  return file;
}
