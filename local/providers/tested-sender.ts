import type { Fault } from '../fakes/faults.ts';
import type { Document, KeyPublisher } from '../fakes/key-publisher.ts';
import type { SigningKey } from '../fakes/token.ts';
import type { OutgoingRequest } from '../http/request.ts';
import type { Forgery, Genuine } from './forgery.ts';

// What `npm run conformance` sends to a receiver of which it knows only the URL.

/** A sender whose requests are sent to any receiver. */
export type TestedSender = {
  /** Unique among all providers. */
  readonly name: string;
  /** What only some receivers check, by the name that `--has` takes. */
  readonly features?: Readonly<Record<string, string>>;
  start(receiver: Receiver): Promise<SenderAtWork>;
};

export type Receiver = {
  /** The URL of the receiver for a kind, such as `archive`. Most receivers have one URL for all. */
  readonly urlOf: (kind: string) => string;
  /** The port of the issuer; 0 for any free one. */
  readonly port: number;
  /** Which of the features the receiver has. */
  readonly has: (feature: string) => boolean;
};

export type SenderAtWork = {
  /** What the receiver needs to trust this sender. The names are those of environment variables. */
  readonly settings: Readonly<Record<string, string>>;
  /** One request of each type of event. */
  readonly samples: readonly GenuineToSend[];
  /** Other genuine requests, by the name of their family. */
  readonly forms: Readonly<Record<string, readonly GenuineToSend[]>>;
  readonly forgeries: readonly TestedFamily[];
  /** The feature without which a forgery is no attack. */
  readonly featureFor?: (forgery: { readonly family: string; readonly name: string }) => string | undefined;
  /**
   * Whether nobody else can make a request: its signature and what it is for are right, so only the sender is odd. A
   * receiver that accepts it lets nobody in.
   */
  readonly isOfSender?: (request: OutgoingRequest) => boolean;
  /** Whether a delivery may arrive twice. A WebSocket may not. */
  readonly isRepeatable: boolean;
  /** Absent where sender and receiver share a secret. */
  readonly issuer?: TestedIssuer;
  close(): Promise<void>;
};

export type GenuineToSend = {
  readonly name: string;
  /** What is odd about it, where no RFC demands that it is accepted. */
  readonly odd?: string | undefined;
  make(): OutgoingRequest | Promise<OutgoingRequest>;
};

/** Forgeries that are made from one kind of genuine request. */
export type TestedFamily<From extends Genuine = Genuine> = {
  readonly name: string;
  genuine(): From | Promise<From>;
  readonly members: readonly Pick<
    Forgery<From>,
    'name' | 'expected' | 'because' | 'alternatively' | 'afterGenuine' | 'forge'
  >[];
};

/** An issuer whose keys change and whose documents fail. */
export type TestedIssuer = {
  readonly publisher: Pick<KeyPublisher<string>, 'signingKey' | 'rotate' | 'up' | 'down'>;
  /** How often its key set was fetched. */
  readonly fetches: () => number;
  /** From now on every document fails in this way; without it, none does. */
  readonly fail: (fault?: Fault) => void;
  /** From now on the key set lists these besides. */
  readonly alsoList: (keys: readonly Document[]) => void;
  /** How it lists a key. */
  readonly listed: (key: SigningKey) => Document;
  /** A new genuine request, but for these members of its token. Another key than the one in use has its own `kid`. */
  signed(change: {
    readonly header?: Readonly<Record<string, unknown>>;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly key?: SigningKey;
  }): OutgoingRequest | Promise<OutgoingRequest>;
  /** Requests besides that name a server of the forger, to which a receiver must send nothing. */
  readonly luring?: (trap: string) => readonly GenuineToSend[];
};

/** @param names of every document of the publisher; the last is the key set */
export function testedIssuer<Name extends string>(
  publisher: KeyPublisher<Name>,
  names: readonly [...Name[], Name],
  how: Pick<TestedIssuer, 'listed' | 'signed' | 'luring'>,
): TestedIssuer {
  const keys = names.at(-1) as Name;
  let more: readonly Document[] = [];
  const withMore = (right: Document) => ({
    ...right,
    keys: [...(right['keys'] as readonly unknown[]), ...more],
  });
  return {
    ...how,
    publisher,
    fetches: () => publisher.fetches()[keys],
    fail(fault) {
      for (const name of names) publisher.play(name, fault ?? (name === keys ? withMore : undefined));
    },
    alsoList(listed) {
      more = listed;
      publisher.play(keys, withMore);
    },
  };
}

export function familiesOf<From extends Genuine>(
  genuine: () => From,
  families: Readonly<Record<string, readonly Forgery<From>[]>>,
): readonly TestedFamily[] {
  return Object.entries(families).map(([name, members]) => ({ name, genuine, members }) as TestedFamily);
}

/** The claims of the token in a request, wherever it is carried and however it is spelled, where its signature is right. */
export function verifiedClaims(
  { headers, url }: OutgoingRequest,
  isRight: (input: string, signature: Uint8Array) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  const text = [...headers.map(([, value]) => value), url].join(' ').replaceAll(/\s*\.\s*/g, '.');
  for (const [, header, payload = '', signature = ''] of text.matchAll(/([\w-]+)\.([\w-]+)\.([\w-]+)/g)) {
    if (!isRight(`${header}.${payload}`, Buffer.from(signature, 'base64url'))) continue;
    try {
      return JSON.parse(Buffer.from(payload, 'base64url').toString().replace('\uFEFF', ''));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Whether a token is the issuer's, for this audience, and not expired. */
export function isIssued(
  claims: Readonly<Record<string, unknown>> | undefined,
  { issuer, audience }: { issuer: string; audience: string },
): boolean {
  if (!claims || claims['iss'] !== issuer || ![claims['aud']].flat().includes(audience)) return false;
  return !isPast(claims['exp']);
}

/**
 * Whether a time was so many seconds ago. One that is missing or null was not.
 *
 * @param time seconds since the epoch, as a number or in digits
 */
export const isPast = (time: unknown, ago = 0): boolean =>
  Number(time ?? Number.NaN) <= Date.now() / 1000 - ago;

/** The base URL of requests that are made for an app of Ringward, and sent to the URL of the receiver. */
export const ANY_BASE_URL = 'http://ringward.invalid';

/** The same request at the URL of the receiver. The last segment of a route of Ringward is its kind. */
export function sentTo({ urlOf }: Pick<Receiver, 'urlOf'>, request: OutgoingRequest): OutgoingRequest {
  if (!request.url.startsWith(ANY_BASE_URL)) return request;
  const [path = '', ...query] = request.url.split('?');
  return { ...request, url: [urlOf(path.split('/').at(-1) ?? ''), ...query].join('?') };
}
