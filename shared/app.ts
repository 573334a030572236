import { createCalls } from './calls/calls.ts';
import { connectionStringClient, noCallClient, signedInClient } from './calls/client.ts';
import { callbackUris, mediaUris, referenceName, REMINTED_SECONDS } from './calls/uris.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger/ledger.ts';
import { openLedger } from './ledger/open-ledger.ts';
import type { Ledgers } from './ledger/open-ledger.ts';
import { providers } from './providers/index.ts';
import type { Provider, Platform, Sender } from './providers/provider.ts';
import { createSecrets } from './secrets/create-secrets.ts';
import type { Secrets } from './secrets/create-secrets.ts';
import { credential, signInOf } from './secrets/credential.ts';
import { randomSecret } from './secrets/versions.ts';
import type { SecretVersions } from './secrets/versions.ts';
import type { Intersection, Settings } from './settings/settings.ts';
import { baseUrlOf } from './settings/table.ts';
import { consoleNote } from './telemetry/delivery-log.ts';
import type { LogVolume, Note } from './telemetry/delivery-log.ts';
import { logVolume } from './telemetry/log-volume.ts';
import { keyFetcher } from './verification/discovery.ts';
import { keySet } from './verification/key-set.ts';

/** The handlers that the senders take, by the name that each file in `handlers/` exports. */
export type Handlers = Intersection<Parameters<(typeof providers)[number]['create']>[2]>;

/** What the settings make of `shared`: one of each for the whole process. */
export type App = Ledgers & {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly logVolume: LogVolume;
  /** The senders that the settings enable. */
  readonly senders: readonly EnabledSender[];
  /** Loads the SDKs of Azure where the settings need them, ahead of `keepWarm`. Never throws. */
  readonly loadSdks: () => Promise<void>;
};

export type EnabledSender = Sender & { readonly provider: Provider };

/** The composition root. Makes no network call: keys and secrets are fetched when first needed, or warmed. */
export function createApp(settings: Settings, handlers: Handlers = {}, clock: Clock = systemClock): App {
  const note = consoleNote;
  const ledgers = openLedger(settings, clock, note);
  const secrets = createSecrets(settings, { clock, note, signIn: signInOf(settings) });
  const platform = createPlatform(settings, { secrets, ledger: ledgers.ledger, clock, note });
  return {
    settings,
    clock,
    platform,
    ...ledgers,
    logVolume: logVolume(settings, clock),
    senders: createSenders(settings, platform, handlers),
    async loadSdks() {
      // Loading them blocks the thread. A fetch that has begun may pass its deadline meanwhile, and would fail although
      // the issuer answers.
      if (settings.KEY_VAULT_URL ?? settings.LEDGER_TABLE_URL)
        await import('./azure-sdks.ts').catch(() => {});
    },
  };
}

/** @param ledger remembers the call of each reference */
export function createPlatform(
  settings: Settings,
  {
    secrets,
    ledger,
    clock,
    note,
  }: { secrets: Secrets; ledger: Pick<Ledger, 'putIfAbsent'>; clock: Clock; note: Note },
): Platform {
  const ttlSeconds = settings.CALLBACK_KEY_TTL_SECONDS;
  const callbackSecret = callbackSecretOf(settings, secrets, note);
  const uris = { secret: callbackSecret, ttlSeconds, clock };
  return {
    clock,
    note,
    secrets,
    callbackSecret,
    calls: createCalls({
      client: callClient(settings, secrets),
      callbackUri: callbackUris({ ...uris, baseUrl: baseUrlOf(settings) }),
      mediaUri: mediaUris({ ...uris, mediaUrl: settings.MEDIA_URL }),
      async remember(reference, identity) {
        await ledger.putIfAbsent(referenceName(reference), identity, ttlSeconds + REMINTED_SECONDS);
      },
      clock,
    }),
    keySet: (issuer) =>
      keySet({
        name: issuer.issuer,
        fetchKeys: keyFetcher(issuer, clock, globalThis.fetch),
        maxStaleSeconds: settings.KEY_SET_MAX_STALE_SECONDS,
        clock,
        random: Math.random,
        note,
      }),
  };
}

export function createSenders(
  settings: Settings,
  platform: Platform,
  handlers: Handlers = {},
): readonly EnabledSender[] {
  return (providers as unknown as readonly Provider[])
    .filter(({ enabledBy }) => enabledBy.some((name) => Reflect.get(settings, name) !== undefined))
    .map((provider) => ({ provider, ...provider.create(platform, settings, handlers) }));
}

/** Without a name the secret is random for this process, which matters only where calls come in. */
function callbackSecretOf(settings: Settings, secrets: Secrets, note: Note): SecretVersions {
  const setting = 'CALLBACK_KEY_SECRET';
  const secret = secrets.named(setting, settings[setting], 'callback-secret-unavailable');
  if (secret) return secret;
  if (settings.ACS_RESOURCE_ID) {
    note('warn', 'callback-secret-random', {
      why: 'CALLBACK_KEY_SECRET is not set, so no callback URI minted outside this process will be accepted',
    });
  }
  return randomSecret();
}

function callClient(settings: Settings, secrets: Secrets) {
  const setting = 'ACS_CONNECTION_STRING_SECRET';
  const connectionString = secrets.named(setting, settings[setting], 'callback-secret-unavailable');
  if (!settings.ACS_ENDPOINT) return noCallClient;
  if (connectionString) return connectionStringClient(connectionString);
  return signedInClient(settings.ACS_ENDPOINT, () => credential(signInOf(settings)));
}
