import { callbackUris, mediaUris, referenceName } from './calls/uris.ts';
import { callsThrough } from './calls/calls.ts';
import type { Calls } from './calls/calls.ts';
import { connectionStringClient, noCallClient, signedInClient } from './calls/client.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger/ledger.ts';
import { REMINTED_SECONDS } from './delivery/call-bindings.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { provingOf } from './proving.ts';
import type { Proving } from './proving.ts';
import { createSecrets } from './secrets/create-secrets.ts';
import { credential, signInOf } from './secrets/credential.ts';
import type { SecretVersions } from './secrets/versions.ts';
import type { Settings } from './settings.ts';
import { consoleNote as note } from './telemetry/delivery-log.ts';

/** What the settings make of the rooms in `shared`: one of each for the whole process, used by every trigger. */
export type Assembly = Proving & {
  readonly ledger: Ledger;
  /** For what must never be guessed while the ledger is out: the tickets of sockets. */
  readonly strictLedger: Ledger;
  readonly calls: Calls;
};

export function assemble(settings: Settings, clock: Clock = systemClock): Assembly {
  const { ledger, strictLedger } = openLedger(settings, clock, note);
  const rings = createSecrets(settings, { clock, note, signIn: signInOf(settings) });
  const proving = provingOf(settings, rings, clock, note);
  const uris = { ring: proving.callbackSecret, ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS, clock };
  return {
    ...proving,
    ledger,
    strictLedger,
    calls: callsThrough({
      client: callClient(
        settings,
        rings.named('ACS_CONNECTION_STRING_SECRET', 'callback-secret-unavailable'),
      ),
      callbackUri: callbackUris({ ...uris, baseUrl: baseUrlOf(settings) }),
      mediaUri: mediaUris({ ...uris, mediaUrl: settings.MEDIA_URL }),
      bind: async (reference, callConnectionId) => {
        await ledger.putIfAbsent(
          referenceName(reference),
          callConnectionId,
          settings.CALLBACK_KEY_TTL_SECONDS + REMINTED_SECONDS,
        );
      },
      clock,
    }),
  };
}

/** What callback URIs begin with, where it is known. */
export const baseUrlOf = ({ CALLBACK_BASE_URL: url, WEBSITE_HOSTNAME: host }: Settings) =>
  url ?? (host && `https://${host}`);

function callClient(settings: Settings, connectionString: SecretVersions | undefined) {
  if (!settings.ACS_ENDPOINT) return noCallClient;
  if (connectionString) return connectionStringClient(connectionString);
  return signedInClient(settings.ACS_ENDPOINT, () => credential(signInOf(settings)));
}
