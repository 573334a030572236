import { randomBytes } from 'node:crypto';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { OutageReason } from '../reasons.ts';
import { isDevelopment } from '../settings.ts';
import type { Settings } from '../settings.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { SignIn } from './credential.ts';
import { keyVault } from './key-vault.ts';
import { oneProbe } from './one-probe.ts';
import { SHORT_SECRET, vaultSecret } from './vault-versions.ts';

/** One version of a signing secret. */
export type SecretVersion = {
  /** The first 8 characters of the vault's version id, or `dev` for a secret from settings. */
  readonly kid: string;
  readonly secret: Uint8Array;
};

/** Every version of a secret that is in force, so that old and new overlap while one is rotated. */
export type SecretVersions = {
  /** All of them, the newest first: the newest signs. Throws an `Outage` where they cannot be had now. */
  versions(signal: AbortSignal): Awaitable<readonly [SecretVersion, ...SecretVersion[]]>;
  /** The same of a secret that may be absent: none where there is no such secret. */
  present(signal: AbortSignal): Awaitable<readonly SecretVersion[]>;
  /** Those with this key id; none where the vault, freshly asked, has none. Throws an `Outage` like `versions`. */
  find(kid: string, signal: AbortSignal): Awaitable<readonly SecretVersion[]>;
  /** Fetches ahead of the first use. Never throws. */
  warm(): Promise<void>;
  /** Whether a version is available, as far as this instance knows; asks nobody. */
  isAvailable(): boolean;
};

/** The key id of a secret that no vault gave a version. */
export const DEVELOPMENT_KID = 'dev';

/** A ring of one secret from the settings; its UTF-8 bytes are the key. Development only. */
export function settingsSecret(secret: string): SecretVersions {
  const version = { kid: DEVELOPMENT_KID, secret: Buffer.from(secret, 'utf8') };
  const versions = [version] as const;
  return {
    versions: () => versions,
    present: () => versions,
    find: (kid) => (kid === DEVELOPMENT_KID ? versions : []),
    warm: async () => {},
    isAvailable: () => true,
  };
}

/** A ring of one secret that nobody else knows and that ends with the process. Development only. */
export function randomSecret(): SecretVersions {
  return settingsSecret(randomBytes(32).toString('base64url'));
}

/** A setting that names a secret. */
export type SecretSetting = 'CALLBACK_KEY_SECRET' | 'EVENT_GRID_KEY_SECRET' | 'ACS_CONNECTION_STRING_SECRET';

/** As itself in Azure, as the developer elsewhere. */
export const signInOf = (settings: Settings): SignIn => ({
  inAzure: settings.IDENTITY_ENDPOINT !== undefined || !isDevelopment(settings),
  clientId: settings.AZURE_CLIENT_ID,
});

/** The rings of an app: from the settings in development, else from the vault. */
export type Secrets = {
  /** The ring of the secret that a setting names; `undefined` where the setting is absent. */
  readonly named: (setting: SecretSetting, outage: OutageReason) => SecretVersions | undefined;
  /** The ring of a secret that may be absent, by the secret's own name; the log calls it by its purpose. */
  readonly optional: (name: string, purpose: string, outage: OutageReason) => SecretVersions;
};

/** @param signIn how to sign in to the vault */
export function createSecrets(
  settings: Settings,
  { clock, note, signIn }: { clock: Clock; note: Note; signIn: SignIn },
): Secrets {
  const url = settings.KEY_VAULT_URL;
  const vault = url && oneProbe(keyVault(url, signIn), clock, Math.random);
  function ringOf(
    name: string,
    purpose: string,
    outage: OutageReason,
    mayBeAbsent: boolean,
  ): SecretVersions | undefined {
    const secret = settings.developmentSecret(name);
    if (secret) {
      if (Buffer.byteLength(secret) < SHORT_SECRET) {
        note('warn', 'secret-short', { secret: purpose, advice: 'use 32 random bytes or more' });
      }
      return settingsSecret(secret);
    }
    if (!vault) return undefined;
    const maxStaleSeconds = settings.KEY_SET_MAX_STALE_SECONDS;
    const known = { name, purpose, vault, outage, mayBeAbsent, maxStaleSeconds, clock };
    return vaultSecret({ ...known, random: Math.random, note });
  }
  return {
    named(setting, outage) {
      const name = settings[setting];
      return name ? ringOf(name, setting, outage, false) : undefined;
    },
    optional: (name, purpose, outage) => ringOf(name, purpose, outage, true) ?? NO_SECRET,
  };
}

/** Of a secret that is nowhere. */
const NO_SECRET: SecretVersions = {
  versions: () => Promise.reject(new Error('there is no such secret')),
  present: async () => [],
  find: async () => [],
  warm: async () => {},
  isAvailable: () => true,
};
