import hostJson from '../../host.json' with { type: 'json' };
import type { HandlerContext } from '../events/handlers.ts';
import type { LedgerKey, LedgerValue } from '../ledger/ledger.ts';
import type { Reason } from '../reasons.ts';
import type { Check, Proof, ReceivedRequest } from '../verification/check.ts';
import type { ReplayRule } from './replay.ts';
import type { HttpResponse } from './response.ts';

/** One method of one path (and one value of `query`), and how its requests are verified and delivered. A provider lists its endpoints. */
export type Endpoint<Event extends VerifiedEvent = VerifiedEvent> = {
  /** The name in log and metrics. */
  readonly provider: string;
  /** The Azure Function that serves it: a `Route` of the provider. */
  readonly function: string;
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  /** Below the route prefix, in lower case, without parameters: `callbacks/vonage/archive`. */
  readonly path: string;
  /** The one value that a query parameter must have for this endpoint. */
  readonly query?: { readonly name: string; readonly value: string };
  /** The largest body that is read. The default is `MAX_BODY_BYTES`. */
  readonly maxBodyBytes?: number;
  /** In their order. All must accept before anything is parsed. */
  readonly checks: readonly Check[];
  /** The same as that of its route. */
  readonly unavailableStatus: 503 | 504;
  readonly accepts: (contentType: string | null) => boolean;
  /** Answers a verified request that brings no events, such as a handshake; `undefined` delivers its events. */
  readonly respond?: (request: ReceivedRequest) => HttpResponse | Reason | undefined;
  /** How the events of a verified request are delivered; absent where `respond` answers every request. */
  readonly delivery?: Delivery<Event>;
};

export type Delivery<Event extends VerifiedEvent = VerifiedEvent> = {
  /** Returns the events of a verified body, or the reason why it has none. */
  parse(request: ReceivedRequest, proof: Proof): Parsed<Event> | Reason;
  /** What a repeat of the request may not change. */
  replayRules?(proof: Proof, body: Uint8Array, events: readonly Event[]): readonly ReplayRule[];
  /** The user's handler for an event, if there is one. `known` has the value of each replay rule, by its name. */
  handlerFor(
    event: Event,
  ): ((context: HandlerContext, known: ReadonlyMap<string, string>) => unknown) | undefined;
  /** Where the sender acts on the response: what the handler returns becomes its body. Such a request brings one event. */
  readonly reply?: Reply;
  /** What the ledger stores besides, also where a handler fails. `known` is that of `handlerFor`. */
  remembered?(
    proof: Proof,
    events: readonly Event[],
    known: ReadonlyMap<string, string>,
  ): readonly LedgerValue[];
  /** Events of one request that are handled at a time; 1 keeps the order in which they were sent. */
  readonly concurrency: number;
  /** The types that metrics name; others are counted together. */
  readonly eventTypes: ReadonlySet<string>;
};

/** The reply of a handler, such as an NCCO or TwiML. The ledger keeps its text, so that a repeat gets the same. */
export type Reply = {
  /** How long the sender waits for the response. The handler is cut off a second before. */
  readonly waitSeconds: number;
  /** Of the response. */
  readonly contentType: string;
  /**
   * The text for what a handler returned. Nothing (`undefined`) makes the empty reply of the sender; an empty text makes a
   * response without a body.
   *
   * @throws Error where it is no reply
   */
  readonly serialize: (returned: unknown) => string;
};

export type Parsed<Event> = {
  readonly events: readonly Event[];
  /** Elements of the body that are no usable event. */
  readonly unusable: number;
};

/** One event of a verified request. Its ledger key is the same for every delivery of it and for no other event. */
export type VerifiedEvent = LedgerKey & {
  /** As the sender names it. */
  readonly type: string;
};

/** What the Functions host puts before every route, with a slash at both ends. `host.json` is its only source. */
const ROUTE_PREFIX = ['', ...hostJson.extensions.http.routePrefix.split('/').filter(Boolean), ''].join('/');

/** The path of a route, with the prefix: `/api/callbacks/call-automation`. */
export const routePath = (route: string) => `${ROUTE_PREFIX}${route}`;

/**
 * The endpoint that serves a request. Paths match as the Functions host matches them: decoded, in any case, with or without
 * a trailing slash.
 */
export function findEndpoint<Some extends Pick<Endpoint, 'method' | 'path' | 'query'>>(
  endpoints: readonly Some[],
  method: string,
  url: URL,
): Some | undefined {
  const route = routeIn(url.pathname);
  return endpoints.find(
    (endpoint) =>
      endpoint.method === method &&
      endpoint.path === route &&
      (!endpoint.query || url.searchParams.getAll(endpoint.query.name).join() === endpoint.query.value),
  );
}

/** The route of a path, in lower case. The host leaves an encoded slash encoded, so that it separates no segments. */
function routeIn(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname.replaceAll(/%2f/gi, '%252f')).toLowerCase();
    return path.startsWith(ROUTE_PREFIX.toLowerCase())
      ? path.slice(ROUTE_PREFIX.length).replace(/\/$/, '')
      : undefined;
  } catch {
    return undefined;
  }
}
