import type { Clock } from '../clock.ts';
import type { OutageReason } from '../reasons.ts';
import { isDevelopment } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { consoleNote } from '../telemetry/note.ts';
import type { SignIn } from './credential.ts';
import { developmentRing } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';
import { keyVault } from './key-vault.ts';
import { vaultRing } from './vault-ring.ts';

/** A setting that names a secret. */
export type SecretSetting = 'CALLBACK_KEY_SECRET' | 'EVENT_GRID_KEY_SECRET' | 'ACS_CONNECTION_STRING_SECRET';

/** As itself in Azure, as the developer elsewhere. */
export const signInOf = (settings: Settings): SignIn => ({
  inAzure: settings.IDENTITY_ENDPOINT !== undefined || !isDevelopment(settings),
  clientId: settings.AZURE_CLIENT_ID,
});

/**
 * The ring of a secret by the setting that names it: from the settings in development, else from the vault, and
 * `undefined` where the setting is absent. What is missing has stopped the start already.
 */
export function ringsOf(settings: Settings, clock: Clock) {
  const url = settings.KEY_VAULT_URL;
  const vault = url && keyVault(url, signInOf(settings));
  return function ringOf(setting: SecretSetting, outage: OutageReason): KeyRing | undefined {
    const name = settings[setting];
    const secret = name && settings.developmentSecret(name);
    if (secret) return developmentRing(secret);
    if (!name || !vault) return undefined;
    const maxStaleSeconds = settings.KEY_SET_MAX_STALE_SECONDS;
    return vaultRing({ name, vault, outage, maxStaleSeconds, clock, random: Math.random, note: consoleNote });
  };
}
