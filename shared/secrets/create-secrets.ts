import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { OutageReason } from '../reasons.ts';
import { isDevelopment } from '../settings/table.ts';
import type { CoreSettings } from '../settings/table.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { SignIn } from './credential.ts';
import { guardedVault, keyVault } from './key-vault.ts';
import { strayCharacters } from './stored-text.ts';
import { MIN_SECRET_BYTES, SHORT_SECRET_BYTES, STRAY_ADVICE, vaultSecret } from './vault-versions.ts';
import { settingsSecret } from './versions.ts';
import type { SecretVersions } from './versions.ts';

/** The secrets of an app: from the settings in development, else from the vault. */
export type Secrets = {
  /** The secret that a setting names; `undefined` where the setting is absent. */
  readonly named: (
    setting: string,
    name: string | undefined,
    outage: OutageReason,
  ) => SecretVersions | undefined;
  /** A secret that a sender shares and that must be there, by its own name; the log calls it by its purpose. */
  readonly required: (name: string, purpose: string, outage: OutageReason) => SecretVersions;
  /** A secret that may be absent, by its own name; the log calls it by its purpose. */
  readonly optional: (name: string, purpose: string, outage: OutageReason) => SecretVersions;
};

/** @param signIn how to sign in to the vault */
export function createSecrets(
  settings: CoreSettings,
  { clock, note, signIn }: { clock: Clock; note: Note; signIn: SignIn },
): Secrets {
  const url = settings.KEY_VAULT_URL;
  const vault = url && guardedVault(keyVault(url, signIn, clock), clock, Math.random);

  function secretOf(
    name: string,
    purpose: string,
    outage: OutageReason,
    { mayBeAbsent, minBytes }: { mayBeAbsent: boolean; minBytes: number },
  ): SecretVersions | undefined {
    const secret = settings.developmentSecret(name);
    if (secret) {
      if (Buffer.byteLength(secret) < SHORT_SECRET_BYTES) {
        note('warn', 'secret-short', { secret: purpose, advice: 'use 32 random bytes or more' });
      }
      const stray = strayCharacters(secret);
      if (stray)
        note('warn', 'secret-stray-characters', { secret: purpose, has: stray, advice: STRAY_ADVICE });
      return settingsSecret(secret);
    }
    if (!vault) return undefined;
    const maxStaleSeconds = settings.KEY_SET_MAX_STALE_SECONDS;
    const options = { name, purpose, vault, outage, mayBeAbsent, minBytes, maxStaleSeconds, clock };
    return vaultSecret({ ...options, random: Math.random, note });
  }

  /** Two senders can share a secret. */
  const optional = new Map<string, SecretVersions>();

  // A deployed app never uses a short key of its own. What a sender allows is for that sender to decide.
  const minBytes = isDevelopment(settings) ? MIN_SECRET_BYTES : SHORT_SECRET_BYTES;
  return {
    named: (setting, name, outage) =>
      name ? secretOf(name, setting, outage, { mayBeAbsent: false, minBytes }) : undefined,
    required: (name, purpose, outage) =>
      secretOf(name, purpose, outage, { mayBeAbsent: false, minBytes: MIN_SECRET_BYTES }) ?? {
        ...NO_SECRET,
        versions: () => Promise.reject(new Outage(outage)),
        present: () => Promise.reject(new Outage(outage)),
        isAvailable: () => false,
      },
    optional(name, purpose, outage) {
      const may = { mayBeAbsent: true, minBytes: MIN_SECRET_BYTES };
      const secret = optional.get(name) ?? secretOf(name, purpose, outage, may) ?? NO_SECRET;
      optional.set(name, secret);
      return secret;
    },
  };
}

/** A secret that is neither in the settings nor in a vault. */
const NO_SECRET: SecretVersions = {
  versions: () => Promise.reject(new Error('there is no such secret')),
  present: async () => [],
  find: async () => [],
  isComplete: () => true,
  warm: async () => {},
  isAvailable: () => true,
};
