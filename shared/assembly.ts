import { callbackUris } from './calls/callback-uri.ts';
import type { CallbackUri } from './calls/callback-uri.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger/ledger.ts';
import { memoryLedger } from './ledger/memory.ts';
import { keyVault } from './secrets/key-vault.ts';
import { developmentRing, randomRing } from './secrets/key-ring.ts';
import type { KeyRing } from './secrets/key-ring.ts';
import { vaultRing } from './secrets/vault-ring.ts';
import { isDevelopment } from './settings.ts';
import type { Settings } from './settings.ts';
import { consoleNote } from './telemetry/note.ts';
import { keyFetcher } from './verification/keys/issuer.ts';
import { keySet } from './verification/keys/key-set.ts';
import type { KeySet } from './verification/keys/key-set.ts';

/** What the settings make of the rooms in `shared`: one of each for the whole process, used by every trigger. */
export type Assembly = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly callAutomationKeys: KeySet;
  readonly callbackRing: KeyRing;
  readonly callbackUri: CallbackUri;
};

export function assemble(settings: Settings): Assembly {
  const clock = systemClock;
  const callbackRing = ringFor(settings, clock);
  return {
    settings,
    clock,
    ledger: memoryLedger(clock),
    callAutomationKeys: keySet({
      name: settings.ACS_ISSUER,
      fetchKeys: keyFetcher(
        { issuer: settings.ACS_ISSUER, openIdConfigurationUrl: settings.ACS_OPENID_CONFIGURATION_URL },
        clock,
        globalThis.fetch,
      ),
      maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
      clock,
      random: Math.random,
      note: consoleNote,
    }),
    callbackRing,
    callbackUri: callbackUris({
      baseUrl:
        settings.CALLBACK_BASE_URL ?? (settings.WEBSITE_HOSTNAME && `https://${settings.WEBSITE_HOSTNAME}`),
      ring: callbackRing,
      ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS,
      clock,
    }),
  };
}

/** From the settings in development, else from the vault; what is missing has stopped the start already. */
function ringFor(settings: Settings, clock: Clock): KeyRing {
  const { CALLBACK_KEY_SECRET: name, KEY_VAULT_URL: url } = settings;
  const secret = name && settings.developmentSecret(name);
  if (secret) return developmentRing(secret);
  if (name && url) {
    return vaultRing({
      name,
      vault: keyVault(url, {
        inAzure: settings.IDENTITY_ENDPOINT !== undefined || !isDevelopment(settings),
        clientId: settings.AZURE_CLIENT_ID,
      }),
      outage: 'callback-secret-unavailable',
      maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
      clock,
      random: Math.random,
      note: consoleNote,
    });
  }
  consoleNote('warn', 'callback-secret-random', {
    why: 'CALLBACK_KEY_SECRET is not set, so no callback URI minted outside this process will be accepted',
  });
  return randomRing();
}
