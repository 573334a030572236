import type { Clock } from './clock.ts';
import { randomSecret } from './secrets/versions.ts';
import type { SecretVersions } from './secrets/versions.ts';
import type { Secrets } from './secrets/create-secrets.ts';
import { vonageRings } from './secrets/vonage.ts';
import type { VonageRings } from './secrets/vonage.ts';
import type { Settings } from './settings.ts';
import type { Note } from './telemetry/delivery-log.ts';
import { keyFetcher } from './verification/discovery.ts';
import type { Issuer } from './verification/discovery.ts';
import { callAutomationIssuer, entraIssuer } from './verification/issuers.ts';
import { keySet } from './verification/key-set.ts';
import type { KeySet } from './verification/key-set.ts';

/** What it takes to prove a request, as the settings say: the keys of the issuers and the secrets of ours. */
export type Proving = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly callAutomationKeys: KeySet;
  readonly callbackSecret: SecretVersions;
  /** Where Entra protects the deliveries of Event Grid. */
  readonly entraKeys: KeySet | undefined;
  /** Where a shared key does. */
  readonly eventGridSecret: SecretVersions | undefined;
  /** Where there are Vonage projects. */
  readonly vonageRings: VonageRings | undefined;
};

/** Asks nobody yet: keys and secrets are fetched when they are first needed, or warmed. */
export function provingOf(settings: Settings, rings: Secrets, clock: Clock, note: Note): Proving {
  const keysOf = (issuer: Issuer) =>
    keySet({
      name: issuer.issuer,
      fetchKeys: keyFetcher(issuer, clock, globalThis.fetch),
      maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
      clock,
      random: Math.random,
      note,
    });
  const entra = entraIssuer(settings);
  return {
    settings,
    clock,
    callAutomationKeys: keysOf(callAutomationIssuer(settings)),
    callbackSecret: callbackSecretOf(settings, rings, note),
    entraKeys: entra && keysOf(entra),
    eventGridSecret: rings.named('EVENT_GRID_KEY_SECRET', 'shared-key-unavailable'),
    vonageRings: settings.VONAGE_PROJECTS && vonageRings(settings.VONAGE_PROJECTS, rings),
  };
}

/** Without a name it is a secret of this process, which matters only where calls come in. */
function callbackSecretOf(settings: Settings, rings: Secrets, note: Note): SecretVersions {
  const ring = rings.named('CALLBACK_KEY_SECRET', 'callback-secret-unavailable');
  if (ring) return ring;
  if (settings.ACS_RESOURCE_ID) {
    note('warn', 'callback-secret-random', {
      why: 'CALLBACK_KEY_SECRET is not set, so no callback URI minted outside this process will be accepted',
    });
  }
  return randomSecret();
}
