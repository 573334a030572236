import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Azure } from '../../../local/stand-ins/azure.ts';
import { Outage } from '../../../shared/outage.ts';
import { ringsOf, signInOf } from '../../../shared/secrets/rings.ts';
import { readSettings } from '../../../shared/settings.ts';
import type { Environment } from '../../../shared/settings.ts';
import { manualClock } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { development, production } from '../../support/settings.ts';

const { signal } = new AbortController();
const OUTAGE = 'callback-secret-unavailable';
let azure: Azure;
beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());
afterEach(() => vi.restoreAllMocks());

/** What is written to the console. */
function written() {
  const lines: string[] = [];
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line));
  return lines;
}
const rings = (environment: Environment, base: Environment = development) =>
  ringsOf(readSettings({ ...base, ...environment }), manualClock(Math.floor(Date.now() / 1000)));
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
])('as itself in Azure and as the developer elsewhere is how the app signs in: %s', (_where, environment, inAzure) => {
  const settings = readSettings({ ...environment, AZURE_CLIENT_ID: 'client' });
  expect(signInOf(settings)).toEqual({ inAzure, clientId: 'client' });
});

describe('a secret from the settings', () => {
  const named = (secret: string) =>
    rings({ CALLBACK_KEY_SECRET: 'callback-key', SECRET_CALLBACK_KEY: secret }).named(
      'CALLBACK_KEY_SECRET',
      OUTAGE,
    );

  test('goes before the vault, and is what it says', async () => {
    const lines = written();
    const secret = 'x'.repeat(32);
    expect(texts((await named(secret)?.versions(signal)) ?? [])).toEqual([secret]);
    expect(lines).toEqual([]);
  });

  test('that is short is used and reported by what it is for', async () => {
    const lines = written();
    const secret = 'x'.repeat(31);
    expect(texts((await named(secret)?.versions(signal)) ?? [])).toEqual([secret]);
    expect(lines).toEqual([
      '{"ringward":"secret-short","secret":"CALLBACK_KEY_SECRET","advice":"use 32 random bytes or more"}',
    ]);
  });

  test('is measured in bytes', async () => {
    const lines = written();
    named('é'.repeat(16));
    expect(lines).toEqual([]);
  });
});

test('a setting that is absent has no ring', () => {
  expect(rings({}).named('EVENT_GRID_KEY_SECRET', OUTAGE)).toBeUndefined();
});

describe('a secret in the vault', () => {
  const inVault = (name: string) =>
    rings(
      { KEY_VAULT_URL: azure.vault.url, CALLBACK_KEY_SECRET: name, IDENTITY_ENDPOINT: 'http://127.0.0.1' },
      production,
    );

  test('is looked up under the name that the setting gives', async () => {
    const secret = 'in the vault'.padEnd(32);
    azure.vault.add('named-here', secret);
    const ring = inVault('named-here').named('CALLBACK_KEY_SECRET', OUTAGE);
    expect(texts((await ring?.versions(signal)) ?? [])).toEqual([secret]);
  });

  test('that a setting names and that is not there is an outage', async () => {
    const lines = written();
    const ring = inVault('nowhere').named('CALLBACK_KEY_SECRET', OUTAGE);
    await expect(ring?.present(signal)).rejects.toThrow(Outage);
    expect(lines.join()).toContain('"secret":"CALLBACK_KEY_SECRET","why":"the vault has no such secret"');
  });

  test('that may be absent is none where it is not there', async () => {
    const ring = inVault('any').optional('not-there', 'VONAGE_PROJECTS', 'vonage-secret-unavailable');
    expect(await ring.present(signal)).toEqual([]);
    await expect(ring.versions(signal)).rejects.toThrow(Outage);
  });
});

test('without vault and setting a secret that may be absent is none, and no outage', async () => {
  const ring = rings({}).optional('vonage-1', 'VONAGE_PROJECTS', 'vonage-secret-unavailable');
  expect([await ring.present(signal), await ring.find('dev', signal), ring.isOut()]).toEqual([[], [], false]);
  await expect(ring.warm()).resolves.toBeUndefined();
  await expect(ring.versions(signal)).rejects.toThrow('there is no such secret');
});
