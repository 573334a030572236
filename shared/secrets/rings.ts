import type { Clock } from '../clock.ts';
import type { OutageReason } from '../reasons.ts';
import { isDevelopment } from '../settings.ts';
import type { Settings } from '../settings.ts';
import type { Note } from '../telemetry/note.ts';
import type { SignIn } from './credential.ts';
import { developmentRing } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';
import { keyVault } from './key-vault.ts';
import { oneProbe } from './one-probe.ts';
import { SHORT_SECRET, vaultRing } from './vault-ring.ts';

/** A setting that names a secret. */
export type SecretSetting = 'CALLBACK_KEY_SECRET' | 'EVENT_GRID_KEY_SECRET' | 'ACS_CONNECTION_STRING_SECRET';

/** As itself in Azure, as the developer elsewhere. */
export const signInOf = (settings: Settings): SignIn => ({
  inAzure: settings.IDENTITY_ENDPOINT !== undefined || !isDevelopment(settings),
  clientId: settings.AZURE_CLIENT_ID,
});

/** The rings of an app: from the settings in development, else from the vault. */
export type Rings = {
  /** The ring of the secret that a setting names; `undefined` where the setting is absent. */
  readonly named: (setting: SecretSetting, outage: OutageReason) => KeyRing | undefined;
  /** The ring of a secret that may be absent, by the secret's own name; the log calls it by its purpose. */
  readonly optional: (name: string, purpose: string, outage: OutageReason) => KeyRing;
};

/** @param signIn how to sign in to the vault */
export function ringsOf(
  settings: Settings,
  { clock, note, signIn }: { clock: Clock; note: Note; signIn: SignIn },
): Rings {
  const url = settings.KEY_VAULT_URL;
  const vault = url && oneProbe(keyVault(url, signIn), clock, Math.random);
  function ringOf(
    name: string,
    purpose: string,
    outage: OutageReason,
    mayBeAbsent: boolean,
  ): KeyRing | undefined {
    const secret = settings.developmentSecret(name);
    if (secret) {
      if (Buffer.byteLength(secret) < SHORT_SECRET) {
        note('warn', 'secret-short', { secret: purpose, advice: 'use 32 random bytes or more' });
      }
      return developmentRing(secret);
    }
    if (!vault) return undefined;
    const maxStaleSeconds = settings.KEY_SET_MAX_STALE_SECONDS;
    const known = { name, purpose, vault, outage, mayBeAbsent, maxStaleSeconds, clock };
    return vaultRing({ ...known, random: Math.random, note });
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
const NO_SECRET: KeyRing = {
  versions: () => Promise.reject(new Error('there is no such secret')),
  present: async () => [],
  find: async () => [],
  warm: async () => {},
  isOut: () => false,
};
