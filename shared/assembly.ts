import { callbackUris } from './calls/callback-uri.ts';
import { callsThrough } from './calls/calls.ts';
import type { Calls } from './calls/calls.ts';
import { connectionStringClient, noCallClient, signedInClient } from './calls/client.ts';
import { mediaUris } from './calls/media.ts';
import { referenceBinding } from './calls/reference.ts';
import { systemClock as clock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger/ledger.ts';
import { REMINTED_SECONDS } from './delivery/call-bindings.ts';
import { openLedger } from './ledger/of-settings.ts';
import { credential } from './secrets/credential.ts';
import { randomRing } from './secrets/key-ring.ts';
import type { KeyRing } from './secrets/key-ring.ts';
import { ringsOf, signInOf } from './secrets/rings.ts';
import type { Rings } from './secrets/rings.ts';
import { vonageRings } from './secrets/vonage.ts';
import type { VonageRings } from './secrets/vonage.ts';
import type { Settings } from './settings.ts';
import { consoleNote } from './telemetry/note.ts';
import { keyFetcher } from './verification/keys/issuer.ts';
import type { Issuer } from './verification/keys/issuer.ts';
import { callAutomationIssuer, entraIssuer } from './verification/keys/issuers.ts';
import { keySet } from './verification/keys/key-set.ts';
import type { KeySet } from './verification/keys/key-set.ts';

/** What the settings make of the rooms in `shared`: one of each for the whole process, used by every trigger. */
export type Assembly = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** For what must never be guessed while the ledger is out: the tickets of sockets. */
  readonly strictLedger: Ledger;
  readonly callAutomationKeys: KeySet;
  readonly callbackRing: KeyRing;
  readonly calls: Calls;
  /** Where Entra protects the deliveries of Event Grid. */
  readonly entraKeys: KeySet | undefined;
  /** Where a shared key does. */
  readonly eventGridRing: KeyRing | undefined;
  /** Where there are Vonage projects. */
  readonly vonageRings: VonageRings | undefined;
};

export function assemble(settings: Settings): Assembly {
  const { ledger, strictLedger } = openLedger(settings, clock, consoleNote);
  const rings = ringsOf(settings, clock);
  const callbackRing = callbackRingOf(settings, rings);
  const uris = { ring: callbackRing, ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS, clock };
  const keysOf = (issuer: Issuer) =>
    keySet({
      name: issuer.issuer,
      fetchKeys: keyFetcher(issuer, clock, globalThis.fetch),
      maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
      clock,
      random: Math.random,
      note: consoleNote,
    });
  const entra = entraIssuer(settings);
  return {
    settings,
    clock,
    ledger,
    strictLedger,
    callAutomationKeys: keysOf(callAutomationIssuer(settings)),
    callbackRing,
    calls: callsThrough({
      client: callClient(
        settings,
        rings.named('ACS_CONNECTION_STRING_SECRET', 'callback-secret-unavailable'),
      ),
      callbackUri: callbackUris({ ...uris, baseUrl: baseUrlOf(settings) }),
      mediaUri: mediaUris({ ...uris, mediaUrl: settings.MEDIA_URL }),
      bind: async (reference, callConnectionId) => {
        await ledger.bind(
          referenceBinding(reference),
          callConnectionId,
          settings.CALLBACK_KEY_TTL_SECONDS + REMINTED_SECONDS,
        );
      },
      clock,
    }),
    entraKeys: entra && keysOf(entra),
    eventGridRing: rings.named('EVENT_GRID_KEY_SECRET', 'shared-key-unavailable'),
    vonageRings: settings.VONAGE_PROJECTS && vonageRings(settings.VONAGE_PROJECTS, rings),
  };
}

/** What callback URIs begin with, where it is known. */
export const baseUrlOf = ({ CALLBACK_BASE_URL: url, WEBSITE_HOSTNAME: host }: Settings) =>
  url ?? (host && `https://${host}`);

function callClient(settings: Settings, connectionString: KeyRing | undefined) {
  if (!settings.ACS_ENDPOINT) return noCallClient;
  if (connectionString) return connectionStringClient(connectionString);
  return signedInClient(settings.ACS_ENDPOINT, () => credential(signInOf(settings)));
}

/** Without a name it is a secret of this process, which matters only where calls come in. */
function callbackRingOf(settings: Settings, rings: Rings): KeyRing {
  const ring = rings.named('CALLBACK_KEY_SECRET', 'callback-secret-unavailable');
  if (ring) return ring;
  if (settings.ACS_RESOURCE_ID) {
    consoleNote('warn', 'callback-secret-random', {
      why: 'CALLBACK_KEY_SECRET is not set, so no callback URI minted outside this process will be accepted',
    });
  }
  return randomRing();
}
