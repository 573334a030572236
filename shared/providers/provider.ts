import type { Calls } from '../calls/calls.ts';
import type { CallIds } from '../calls/identity.ts';
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../delivery/endpoint.ts';
import type { ReplayRule } from '../delivery/replay.ts';
import type { Dependency } from '../health.ts';
import type { Secrets } from '../secrets/create-secrets.ts';
import type { SecretVersions } from '../secrets/versions.ts';
import type { CoreSettings, IsSet, SettingRows, SettingValues } from '../settings/table.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { Check, Proof } from '../verification/check.ts';
import type { Issuer } from '../verification/discovery.ts';
import type { KeySet } from '../verification/key-set.ts';

/** A sender as one object: everything that is particular to it. */
export type Provider<Rows extends SettingRows = SettingRows, Handlers = object> = {
  /** The name in log and metrics. */
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /** Its page in `docs/`. */
  readonly page: string;
  /** The settings of this sender alone. */
  readonly settings: Rows;
  /** One of these settings enables the sender, faulty or not. */
  readonly enabledBy: readonly (keyof Rows & string)[];
  readonly routes: readonly Route[];
  /** Where the sender acts on what handlers return: the shortest time that it waits for it. */
  readonly waitSeconds?: number;
  /** The sender's published source addresses, in CIDR form. All of its customers share them, so they authenticate nobody. */
  readonly publishedRanges?: readonly string[];
  /** The secrets that the settings imply without naming them. */
  secrets?(settings: ProviderSettings<Rows>): readonly ImpliedSecret[];
  /** Faults that no single setting shows, each with what to do. */
  faults?(settings: ProviderSettings<Rows>, isSet: IsSet): readonly string[];
  /** Makes no network call: keys and secrets are fetched when they are first needed, or warmed. */
  create(platform: Platform, settings: ProviderSettings<Rows>, handlers: Handlers): Sender;
};

export type ProviderSettings<Rows extends SettingRows> = CoreSettings & SettingValues<Rows>;

/** One Azure Function with an HTTP trigger. */
export type Route = {
  /** The name of the function. */
  readonly name: string;
  /** As the platform takes it: below the route prefix, parameters in braces. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST' | 'OPTIONS')[];
  /** The answer while we cannot tell: the one after which this sender retries in time. */
  readonly unavailableStatus: 503 | 504;
};

/** A secret that has one value, or one for each purpose. */
export type ImpliedSecret = {
  /** The name of the one for all purposes. */
  readonly name: string;
  /**
   * The forms that its name can have, such as `livekit-<apiKey>`, the most specific first: the name itself may hold a secret
   * that is in the wrong place.
   */
  readonly forms: readonly string[];
  /** For each purpose the names that its secret can have, the most specific first: the first that exists counts. */
  readonly purposes: Readonly<Record<string, readonly string[]>>;
  /** Where its owner sets it, such as `the Vonage dashboard`. */
  readonly setIn: string;
  /** Whether the sender works without it. */
  readonly mayBeAbsent?: true;
};

/** What a sender is made of: one of each for the whole process. */
export type Platform = {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly callbackSecret: SecretVersions;
  readonly calls: Calls;
  readonly note: Note;
  readonly keySet: (issuer: TrustedIssuer) => KeySet;
};

/** An issuer whose tokens a sender brings. */
export type TrustedIssuer = Issuer & {
  /** For reports to the operator. */
  readonly name: string;
  /** The settings that determine it. */
  readonly settings: readonly string[];
};

/** A sender, ready to receive. */
export type Sender = {
  readonly endpoints: readonly Endpoint[];
  /** What its requests need, by name. Health and warm-up go through them. */
  readonly dependencies: Readonly<Record<string, Dependency>>;
  /** Prepares what a first event should not wait for, apart from the dependencies. Never rejects. */
  readonly warm?: () => Promise<void>;
  /** Where the sender also opens WebSockets on the media host. */
  readonly upgrade?: Upgrade;
};

/** How the media host verifies an upgrade. */
export type Upgrade = {
  readonly provider: string;
  readonly path: string;
  readonly checks: readonly Check[];
  /** @param call as the sender names it in headers, which no signature covers */
  readonly replayRules: (proof: Proof, call: CallIds) => readonly ReplayRule[];
};
