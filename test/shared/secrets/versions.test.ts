import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import { Outage } from '../../../shared/errors.ts';
import { createSecrets } from '../../../shared/secrets/create-secrets.ts';
import { signInOf } from '../../../shared/secrets/credential.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { manualClock } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { development, production } from '../../support/settings.ts';

const { signal } = new AbortController();
const OUTAGE = 'callback-secret-unavailable';
let azure: FakeAzure;
beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());

/** The rings that an environment asks for, and what is noted of them. */
function ringsFrom(environment: Environment, base: Environment = development) {
  const notes: unknown[] = [];
  const settings = readSettings({ ...base, ...environment });
  const rings = createSecrets(settings, {
    clock: manualClock(Math.floor(Date.now() / 1000)),
    note: (...note) => void notes.push(note),
    signIn: signInOf(settings),
  });
  const named = (setting: 'CALLBACK_KEY_SECRET' | 'EVENT_GRID_KEY_SECRET') =>
    rings.named(setting, settings[setting], OUTAGE);
  return { rings, named, notes };
}
const texts = (versions: readonly { secret: Uint8Array }[]) =>
  versions.map(({ secret }) => Buffer.from(secret).toString());

test.each<[string, Environment, boolean]>([
  ['in production', production, true],
  ['in development', development, false],
  [
    'in development, where the platform offers an identity',
    { ...development, IDENTITY_ENDPOINT: 'http://127.0.0.1' },
    true,
  ],
])(
  'as itself in Azure and as the developer elsewhere is how the app signs in: %s',
  (_where, environment, inAzure) => {
    const settings = readSettings({ ...environment, AZURE_CLIENT_ID: 'client' });
    expect(signInOf(settings)).toEqual({ inAzure, clientId: 'client' });
  },
);

describe('a secret from the settings', () => {
  const named = (secret: string) => {
    const app = ringsFrom({ CALLBACK_KEY_SECRET: 'callback-key', SECRET_CALLBACK_KEY: secret });
    return { ring: app.named('CALLBACK_KEY_SECRET'), notes: app.notes };
  };

  test.each([
    ['long enough', 'x'.repeat(32)],
    ['long enough in bytes', 'é'.repeat(16)],
  ])('that is %s is used as it is, and nothing is said of it', async (_what, secret) => {
    const { ring, notes } = named(secret);
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual([secret]);
    expect(notes).toEqual([]);
  });

  test('that is short is used and reported by what it is for', async () => {
    const secret = 'x'.repeat(31);
    const { ring, notes } = named(secret);
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual([secret]);
    expect(notes).toEqual([
      ['warn', 'secret-short', { secret: 'CALLBACK_KEY_SECRET', advice: 'use 32 random bytes or more' }],
    ]);
  });
});

test('a setting that is absent has no ring', () => {
  expect(ringsFrom({}).named('EVENT_GRID_KEY_SECRET')).toBeUndefined();
});

describe('a secret in the vault', () => {
  const inVault = (name: string) =>
    ringsFrom(
      { KEY_VAULT_URL: azure.vault.url, CALLBACK_KEY_SECRET: name, IDENTITY_ENDPOINT: 'http://127.0.0.1' },
      production,
    );

  test('is looked up under the name that the setting gives', async () => {
    const secret = 'in the vault'.padEnd(32);
    azure.vault.add('named-here', secret);
    const ring = inVault('named-here').named('CALLBACK_KEY_SECRET');
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual([secret]);
  });

  test('that a setting names and that is not there is an outage', async () => {
    const { named, notes } = inVault('nowhere');
    const ring = named('CALLBACK_KEY_SECRET');
    await expect(ring?.present(signal)).rejects.toThrow(Outage);
    expect(notes).toMatchObject([
      [
        'warn',
        'secret-refresh-failed',
        { secret: 'CALLBACK_KEY_SECRET', why: 'the vault has no such secret' },
      ],
    ]);
  });

  test('that a sender shares is an outage where it is not there', async () => {
    const ring = inVault('any').rings.required('not-there', 'VONAGE_PROJECTS', 'vonage-secret-unavailable');
    await expect(ring.versions(signal)).rejects.toThrow(Outage);
    expect(ring.isAvailable()).toBe(false);
  });

  test('that may be absent is none where it is not there', async () => {
    const ring = inVault('any').rings.optional('not-there', 'VONAGE_PROJECTS', 'vonage-secret-unavailable');
    expect(await ring.present(signal)).toEqual([]);
    await expect((async () => ring.versions(signal))()).rejects.toThrow(Outage);
  });
});

test('without vault and setting a secret that may be absent is none, and no outage', async () => {
  const ring = ringsFrom({}).rings.optional('vonage-1', 'VONAGE_PROJECTS', 'vonage-secret-unavailable');
  expect([await ring.present(signal), await ring.find('dev', signal), ring.isAvailable()]).toEqual([
    [],
    [],
    true,
  ]);
  await expect(ring.warm()).resolves.toBeUndefined();
  await expect(ring.versions(signal)).rejects.toThrow('there is no such secret');
});

test('without vault and setting a secret that a sender shares is an outage, and not available', async () => {
  const ring = ringsFrom({}).rings.required('livekit-1', 'LIVEKIT_KEYS', 'livekit-secret-unavailable');
  await expect(ring.versions(signal)).rejects.toThrow(Outage);
  await expect(ring.present(signal)).rejects.toThrow(Outage);
  expect([ring.isAvailable(), await ring.warm()]).toEqual([false, undefined]);
});

describe('a secret as people store it', () => {
  const named = (base: Environment, name: string) =>
    ringsFrom(
      { KEY_VAULT_URL: azure.vault.url, CALLBACK_KEY_SECRET: name, IDENTITY_ENDPOINT: 'http://127.0.0.1' },
      base,
    );
  const long = 'a key of 32 bytes or more, pasted';

  test.each([
    ['\n', long, undefined],
    ['\r\n', long, undefined],
    ['\n\n', `${long}\n`, 'white space around it'],
    [' ', `${long} `, 'white space around it'],
  ])('a version with %j at its end', async (end, secret, has) => {
    const name = `stored-${Buffer.from(end).toString('hex')}`;
    azure.vault.add(name, long + end);
    const { named: ofSetting, notes } = named(production, name);
    const ring = ofSetting('CALLBACK_KEY_SECRET');
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual([secret]);
    const stray = notes.filter((note) => (note as unknown[])[1] === 'secret-stray-characters');
    expect(stray.map((note) => (note as [string, string, { has: string }])[2].has)).toEqual(has ? [has] : []);
    expect(JSON.stringify(notes)).not.toContain(long);
  });

  test('from the settings, too', async () => {
    const { named: ofSetting, notes } = ringsFrom({
      CALLBACK_KEY_SECRET: 'callback-key',
      SECRET_CALLBACK_KEY: `"${long}"\n`,
    });
    expect(texts((await ofSetting('CALLBACK_KEY_SECRET')?.versions(signal)) ?? [])).toEqual([`"${long}"`]);
    expect(notes).toMatchObject([
      [
        'warn',
        'secret-stray-characters',
        { secret: 'CALLBACK_KEY_SECRET', has: 'quotation marks around it' },
      ],
    ]);
  });
});

describe('a version under 32 bytes', () => {
  const inVault = (base: Environment) =>
    ringsFrom(
      { KEY_VAULT_URL: azure.vault.url, CALLBACK_KEY_SECRET: 'short', IDENTITY_ENDPOINT: 'http://127.0.0.1' },
      base,
    );

  test('is never used outside Development: an outage, not available, and one log entry', async () => {
    const { id } = azure.vault.add('short', 'x'.repeat(31));
    const { named, notes } = inVault(production);
    const ring = named('CALLBACK_KEY_SECRET');
    await ring?.warm();
    expect(ring?.isAvailable()).toBe(false);
    for (const ask of [() => ring?.versions(signal), () => ring?.find(id.slice(0, 8), signal)]) {
      await expect((async () => ask())()).rejects.toMatchObject({ reason: OUTAGE });
    }
    expect(notes).toEqual([
      ['warn', 'secret-refused', expect.objectContaining({ secret: 'CALLBACK_KEY_SECRET' })],
    ]);
  });

  test('is used in Development', async () => {
    const ring = inVault(development).named('CALLBACK_KEY_SECRET');
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual(['x'.repeat(31)]);
  });

  test('of Vonage is used everywhere', async () => {
    azure.vault.add('vonage-short', 'x'.repeat(4));
    const ring = inVault(production).rings.optional('vonage-short', 'VONAGE', 'vonage-secret-unavailable');
    expect(texts(await ring.versions(signal))).toEqual(['x'.repeat(4)]);
  });
});
