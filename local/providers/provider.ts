import type { Reason } from '../../shared/reasons.ts';
import type { Secrets } from '../../shared/secrets/create-secrets.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';
import type { FakeAzure } from '../fakes/azure.ts';
import type { Answered, OutgoingRequest } from '../http/request.ts';
import type { Scenario } from '../scenarios/context.ts';
import type { FakeService, Target } from '../target.ts';
import type { ForgeryFamily, ForgeryToSend } from './forgery.ts';
import type { TestedSender } from './tested-sender.ts';

/** Everything about a sender that only rehearsal needs. */
export type RehearsalProvider<Fake extends FakeService = FakeService> = {
  /** The name of the provider in `shared/providers/`. */
  readonly name: string;
  /** Starts the fake service, with its secrets in the vault. */
  start(azure: FakeAzure): Promise<Fake>;
  /** The genuine requests and sockets that can be sent alone. */
  readonly samples: readonly Sample[];
  readonly forgeries: readonly ForgeryFamily[];
  /** What to do about the reasons that only this sender has, for `npm run explain`. */
  readonly advice?: Readonly<Partial<Record<Reason, string>>>;
  /**
   * What is wrong with a request that a check of this sender refused, as far as the secrets can tell, for `npm run explain`.
   * Each says what to do, and repeats nothing secret.
   */
  diagnose?(
    request: ReceivedRequest,
    by: { readonly settings: Settings; readonly secrets: Secrets },
  ): Promise<readonly string[]>;
  /** The exchanges that `npm start` plays. */
  readonly scenarios: readonly Scenario[];
  /** The same delivery under new tokens, keys and tickets; `undefined` where nothing of it is signed. */
  resign(delivery: SentDelivery, target: Target): Promise<Resigned | undefined>;
  /**
   * The same delivery about a new event, with ids and times that the app has not seen. {@link resign} signs it. `undefined`
   * where it brings no event that the app remembers.
   */
  renew(delivery: SentDelivery, target: Target): Promise<Renewed | undefined>;
  /** The types of the events that a body claims to bring, verified or not. */
  typesOf(body: Uint8Array, path: string): readonly unknown[];
  /** What a delivery calls the call that it belongs to, the most specific name first. */
  callNames?(delivery: SentDelivery): Readonly<Record<string, string>>;
  /** Who calls, by name or number, where a delivery says it. */
  caller?(delivery: SentDelivery): string | undefined;
  /** What `npm run conformance` sends to any receiver: a sender for each kind of connection. */
  readonly tested: readonly TestedSender[];
  /** What development secrets alone can sign; `undefined` where the settings hold none for this sender. */
  withSecrets?(settings: Settings): SecretSigner | undefined;
};

/** Names are unique among all providers. */
export type Sample = {
  readonly group: string;
  readonly name: string;
  send(target: Target): Promise<Answered>;
};

/** A delivery as it arrived. */
export type SentDelivery = Resigned & {
  /** The provider's name in the log: one sender can have several. */
  readonly provider: string;
  readonly body: Uint8Array;
};

export type Resigned = {
  /** Path and query, byte for byte. */
  readonly target: string;
  readonly headers: OutgoingRequest['headers'];
};

export type Renewed = Resigned & { readonly body: Uint8Array };

export type SecretSigner = {
  readonly samples: readonly {
    readonly group: string;
    readonly name: string;
    make(baseUrl: string): OutgoingRequest;
  }[];
  /** Samples whose secret is missing, and the setting that would hold it. */
  readonly withoutSecret?: readonly { readonly name: string; readonly setting: string }[];
  readonly forgeries: readonly ForgeryToSend[];
};
