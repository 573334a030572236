import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { callIdentity, connectionOf, isSameCall } from '../calls/identity.ts';
import type { CallIds } from '../calls/identity.ts';
import { endedName, referenceName, REMINTED_SECONDS, ticketName } from '../calls/uris.ts';
import { isJsonContentType, jsonElements } from '../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../delivery/endpoint.ts';
import type { ReplayRule } from '../delivery/replay.ts';
import { reject } from '../errors.ts';
import { callEventNames } from '../events/call-automation.ts';
import type { CallEvent } from '../events/call-automation.ts';
import type { CallContext, CallEventHandlers, CallHandlers, HandlerContext } from '../events/handlers.ts';
import { memoryLedger } from '../ledger/memory.ts';
import { cloudOfUrl } from '../settings/clouds.ts';
import {
  guid,
  integer,
  list,
  listed,
  oneOf,
  secretName,
  serviceUrl,
  url,
  webSocketUrl,
} from '../settings/parse.ts';
import { BASE_URL, row } from '../settings/table.ts';
import { callbackKey, mediaTicket, onOriginalUri } from '../verification/callback-key.ts';
import type { Check, Proof } from '../verification/check.ts';
import { bearerToken, verifyRs256Token } from '../verification/jwt.ts';
import type { ClaimRules } from '../verification/claims.ts';
import type { KeySet } from '../verification/key-set.ts';
import { sourceAddressCheck } from '../verification/source-address.ts';
import type { Provider, ProviderSettings } from './provider.ts';

const DEFAULT_ISSUER = 'https://acscallautomation.communication.azure.com';

/** Of Event Grid, too: a call that comes in is answered there. */
export const endpointRow = row({
  meaning: 'Your Communication Services resource; enables answering and placing calls',
  example: 'https://ringward.communication.azure.com',
  parse: serviceUrl('https://<name>.communication.azure.com'),
  needs: [['ACS_RESOURCE_ID'], BASE_URL],
  scheme: 'https',
  setBy: 'deployment',
  cloud: cloudOfUrl,
});

const settings = {
  ACS_RESOURCE_ID: row({
    meaning:
      'The immutable resource id of your Communication Services resource, or several separated by commas: the audience of the tokens. Enables the Call Automation route',
    example: '11111111-2222-3333-4444-555555555555',
    parse: list(resourceId),
    readBy: 'both',
    setBy: 'deployment',
  }),
  ACS_ENDPOINT: endpointRow,
  ACS_CONNECTION_STRING_SECRET: row({
    meaning:
      'The name of the secret with the connection string of that resource; without it the app signs in as itself',
    example: 'acs-connection-string',
    parse: secretName,
    needs: [['ACS_ENDPOINT']],
    namesSecret: true,
  }),
  CALLBACK_KEY_SECRET: row({
    meaning:
      'The name of the secret that signs callback keys. Without it, in Development, it is random at each start',
    example: 'callback-key',
    parse: secretName,
    required: 'the name of a secret in your vault',
    needs: [['ACS_RESOURCE_ID']],
    namesSecret: true,
    readBy: 'both',
    setBy: 'deployment',
  }),
  CALLBACK_KEY_TTL_SECONDS: row({
    meaning: 'How long a callback key is valid, in seconds: longer than your longest call',
    default: '86400',
    parse: integer(60, 2 * 86400),
    readBy: 'both',
  }),
  MEDIA_URL: row({
    meaning: 'The address of the media host. Live audio and text of a call are sent there, with a ticket',
    example: 'wss://media.example.com/media',
    parse: webSocketUrl,
    needs: [['ACS_ENDPOINT']],
    scheme: 'wss',
    setBy: 'deployment',
    cloud: cloudOfUrl,
  }),
  ACS_ISSUER: row({
    meaning:
      'The issuer of the tokens. The default is that of the public cloud; those of other clouds are documented nowhere',
    default: DEFAULT_ISSUER,
    scheme: 'https',
    parse: url,
    needs: [['ACS_RESOURCE_ID']],
    readBy: 'both',
    // Nobody documents whether the default also serves other clouds.
    cloud: (issuer) => (issuer === DEFAULT_ISSUER ? undefined : cloudOfUrl(issuer)),
  }),
  ACS_OPENID_CONFIGURATION_URL: row({
    meaning:
      "The URL of the issuer's OpenID configuration. The default is that of the public cloud; those of other clouds are documented nowhere",
    default: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    scheme: 'https',
    parse: url,
    needs: [['ACS_RESOURCE_ID']],
    readBy: 'both',
  }),
  CALLBACK_TOKEN_LIFE_SECONDS: row({
    meaning: 'How long a callback token lives, in seconds, as documented by Microsoft',
    default: '300',
    parse: integer(1, 86400),
  }),
  MEDIA_TOKEN_LIFE_SECONDS: row({
    meaning: 'How long a token on a media socket lives, in seconds, as documented by Microsoft',
    default: '86400',
    parse: integer(1, 2 * 86400),
    readBy: 'media',
  }),
  TOKEN_REUSE: row({
    meaning:
      'A token that is used again, with another body or for another media socket: `report` (logged) or `enforce` (refused with 401)',
    default: 'report',
    parse: oneOf('report', 'enforce'),
    readBy: 'both',
  }),
  CALL_BINDING: row({
    meaning:
      'An event of another call than the one that its callback URI belongs to: `report` (logged) or `enforce` (refused with 401)',
    default: 'report',
    parse: oneOf('report', 'enforce'),
    readBy: 'both',
  }),
};
type Settings = ProviderSettings<typeof settings>;

/**
 * "Call Automation callback URLs", shared by every customer of Azure. Source, dated 19 June 2023, compared on
 * 23 November 2026: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
 */
const PUBLISHED_RANGES = [
  '52.112.0.0/14',
  '52.122.0.0/15',
  '2603:1027::/48',
  '2603:1037::/48',
  '2603:1047::/48',
  '2603:1057::/48',
  '2603:1063::/38',
  '2620:1ec:6::/48',
  '2620:1ec:40::/42',
];

const UNAVAILABLE_STATUS = 503;

/**
 * Azure Communication Services: the callbacks of Call Automation, and the upgrades of its WebSockets on the media host.
 * Issuer and keys are one global service, so only the audience tells our resource from that of any other customer.
 */
export const callAutomation: Provider<typeof settings, { readonly calls?: CallHandlers }> = {
  name: 'call-automation',
  title: 'Call Automation',
  page: 'handlers.md',
  settings,
  enabledBy: ['ACS_RESOURCE_ID'],
  routes: [
    {
      name: 'call-automation',
      path: 'callbacks/call-automation',
      methods: ['POST'],
      unavailableStatus: UNAVAILABLE_STATUS,
    },
    { name: 'authorize', path: 'authorize', methods: ['GET'], unavailableStatus: UNAVAILABLE_STATUS },
  ],
  publishedRanges: PUBLISHED_RANGES,

  create(platform, given, handlers) {
    const { callbackSecret, calls, clock } = platform;
    const keys = platform.keySet({
      name: 'Call Automation',
      settings: ['ACS_ISSUER', 'ACS_OPENID_CONFIGURATION_URL'],
      issuer: given.ACS_ISSUER,
      openIdConfigurationUrl: given.ACS_OPENID_CONFIGURATION_URL,
    });
    const minted = {
      secret: callbackSecret,
      ttlSeconds: given.CALLBACK_KEY_TTL_SECONDS,
      toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS,
      clock,
    };
    const key = callbackKey({ ...minted, purpose: 'callback' });
    const ticket = mediaTicket(minted);
    const claims = {
      issuers: [given.ACS_ISSUER],
      audiences: given.ACS_RESOURCE_ID ?? [],
      toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS,
    };
    const token = (lifeSeconds: number) => callAutomationToken({ ...claims, lifeSeconds }, keys, clock);
    const callbackToken = token(given.CALLBACK_TOKEN_LIFE_SECONDS);
    const mediaToken = token(given.MEDIA_TOKEN_LIFE_SECONDS);
    const source = sourceAddressCheck(given, PUBLISHED_RANGES);
    const rules = replayRules(given, clock);

    const callbacks: Endpoint<VerifiedCallEvent> = {
      provider: 'call-automation',
      function: 'call-automation',
      method: 'POST',
      path: 'callbacks/call-automation',
      checks: [source, key, callbackToken],
      unavailableStatus: UNAVAILABLE_STATUS,
      accepts: isJsonContentType,
      delivery: {
        ...callEvents,
        replayRules: (proof, body, events) =>
          rules(
            proof,
            hash('sha256', body, 'base64url'),
            identitiesOf(events.map(({ event }) => event.data)),
          ),
        handlerFor: callEventHandler(handlers.calls?.events ?? {}, (event, context, known) => ({
          ...context,
          call: calls.call(
            connectionFor(event, known.get(referenceName(context.reference))),
            context.reference,
          ),
          placeCall: calls.placeCall,
        })),
        remembered: ({ reference = '' }, events, known) =>
          events.some(({ event }) => isEndOf(event, known.get(referenceName(reference))))
            ? [
                {
                  name: endedName(reference),
                  value: 'CallDisconnected',
                  // Longer than any ticket of the call is valid.
                  seconds: given.CALLBACK_KEY_TTL_SECONDS + REMINTED_SECONDS,
                },
              ]
            : [],
      },
    };
    return {
      endpoints: [
        callbacks,
        subRequest([onOriginalUri(key), callbackToken], { name: 'for', value: 'callback' }),
        subRequest([onOriginalUri(ticket), mediaToken], { name: 'for', value: 'media' }),
        subRequest([noPurpose]),
      ],
      dependencies: { 'call-automation-keys': keys, 'callback-key': callbackSecret },
      upgrade: {
        provider: 'media',
        path: 'media',
        checks: [source, ticket, mediaToken],
        replayRules(proof, call) {
          const stream = ticketName(proof.purpose ?? '', proof.reference ?? '');
          return rules(proof, stream, identitiesOf([call]));
        },
      },
    };
  },
};

export type VerifiedCallEvent = VerifiedEvent & { readonly event: CallEvent };

const TYPE_PREFIX = 'Microsoft.Communication.';

/**
 * A callback is a JSON array of CloudEvents 1.0, usually one. All of them are handled, in their order.
 * https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation
 */
export const callEvents: Pick<Delivery<VerifiedCallEvent>, 'parse' | 'concurrency' | 'eventTypes'> = {
  concurrency: 1,
  eventTypes: new Set(callEventNames.map((name) => `${TYPE_PREFIX}${name}`)),
  parse({ body }) {
    const elements = jsonElements(body);
    if (!elements) return 'not-json';
    const events = elements.flatMap(verifiedCallEvent);
    return events.length === 0 ? 'no-events' : { events, unusable: elements.length - events.length };
  },
};

/** An element without an identity of its own cannot be told from a repeat, so it is not handled. */
function verifiedCallEvent(element: unknown): VerifiedCallEvent[] {
  if (typeof element !== 'object' || element === null) return [];
  const { id, source, type, data } = element as Record<string, unknown>;
  if (typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string') return [];
  const event = { ...element, data: typeof data === 'object' && data !== null ? data : {} } as CallEvent;
  // JSON keeps the two apart: no character of one can look like their border.
  const identity = hash('sha256', JSON.stringify([source, id]), 'base64url');
  return [{ type, key: `call-automation:${identity}`, event }];
}

/** The documentation and the SDK spell these names differently. */
const otherSpellings = new Map([
  ['SendDtmfCompleted', 'SendDtmfTonesCompleted'],
  ['SendDtmfTonesCompleted', 'SendDtmfCompleted'],
  ['SendDtmfFailed', 'SendDtmfTonesFailed'],
  ['SendDtmfTonesFailed', 'SendDtmfFailed'],
]);

/** The user's handler for an event, if there is one. */
export function callEventHandler(
  handlers: CallEventHandlers,
  contextOf: (event: CallEvent, context: HandlerContext, known: ReadonlyMap<string, string>) => CallContext,
): Delivery<VerifiedCallEvent>['handlerFor'] {
  const byName = new Map(Object.entries(handlers));
  return function handlerFor({ event }) {
    const name = event.type.startsWith(TYPE_PREFIX) ? event.type.slice(TYPE_PREFIX.length) : '';
    // The name decides which event type the handler takes, which the compiler cannot follow through a look-up.
    const own = byName.get(name) ?? byName.get(otherSpellings.get(name) ?? name);
    const handler = (own ?? handlers.otherwise) as CallEventHandlers['otherwise'];
    return handler && ((context, known) => handler(event, contextOf(event, context, known)));
  };
}

/**
 * Microsoft's documentation names an "Authentication header", but every sample reads `Authorization`. So `Authentication`
 * counts only where `Authorization` is absent.
 */
const TOKEN_HEADERS = ['authorization', 'authentication'];

/**
 * The token of every request. One issuer signs for all customers of Azure Communication Services, so the audience, not the
 * signature, says whose call the request is about.
 *
 * Source: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
 */
export const callAutomationToken = (rules: ClaimRules, keys: KeySet, clock: Clock): Check => ({
  name: 'call-automation-token',
  run: async ({ headers }, signal) =>
    verifyRs256Token(bearerToken(headers, TOKEN_HEADERS), rules, keys, clock, signal),
});

/**
 * A reverse proxy asks whether to let a request through: 204, 401, or 503 where we cannot tell. Nothing is recorded, so
 * that the same request passes afterwards.
 */
const subRequest = (checks: readonly Check[], query?: { name: string; value: string }): Endpoint => ({
  provider: 'perimeter',
  function: 'authorize',
  method: 'GET',
  path: 'authorize',
  ...(query && { query }),
  checks,
  unavailableStatus: UNAVAILABLE_STATUS,
  // The proxy may pass on the content type of the request that it asks about.
  accepts: () => true,
  respond: () => ({ status: 204 }),
});

/** The sub-request asks for neither purpose, or for both. */
const noPurpose: Check = { name: 'sub-request', run: async () => reject('sub-request-purpose') };

/**
 * A token belongs to one use, a reference to one call. No claim of the token says so, hence the two settings. The first call
 * of a reference stays its only one: an event that shares an id with it adds none of its other ids. Two genuine tokens of
 * one second may be equal, and no document says that those with a `jti` are used once.
 */
export function replayRules(
  given: Pick<Settings, 'TOKEN_REUSE' | 'CALL_BINDING' | 'CLOCK_TOLERANCE_SECONDS'>,
  clock: Clock,
): (proof: Proof, use: string, calls: Iterable<string>) => readonly ReplayRule[] {
  const secondsUntil = (expires: number) => expires - clock.now() + given.CLOCK_TOLERANCE_SECONDS;
  // A rule that only reports costs no request: each instance knows the tokens that it has seen itself.
  const seenHere = given.TOKEN_REUSE === 'report' ? { store: memoryLedger(clock) } : {};
  return function rulesFor({ token, reference, referenceExpires = 0 }, use, calls) {
    const rules: ReplayRule[] = [];
    if (token) {
      rules.push({
        name: `token:${token.id}`,
        value: use,
        seconds: secondsUntil(token.expires),
        mode: given.TOKEN_REUSE,
        conflict: 'token-reused',
        ...seenHere,
      });
    }
    if (!reference) return rules;
    for (const call of calls) {
      rules.push({
        name: referenceName(reference),
        value: call,
        agrees: (bound) => isSameCall(bound, call),
        seconds: secondsUntil(referenceExpires) + REMINTED_SECONDS,
        mode: given.CALL_BINDING,
        conflict: 'reference-of-another-call',
      });
    }
    return rules;
  };
}

/** The calls that events name. An event that names none neither binds its reference nor conflicts. */
const identitiesOf = (calls: readonly CallIds[]) =>
  new Set(calls.map(callIdentity).filter((identity) => identity !== ''));

/**
 * The connection that the actions of an event's handler address: that of the reference's call. The event's own may be the
 * recorder's. An event of another call that is only reported keeps its own, so that it cannot act on the bound call.
 */
function connectionFor({ data }: CallEvent, bound = ''): string {
  const isBound = isSameCall(bound, callIdentity(data));
  return (isBound && connectionOf(bound)) || data.callConnectionId;
}

/**
 * Whether an event ends the call that its reference is bound to. The end of another connection, such as a recorder's, does
 * not, nor does an event of another call that is only reported.
 */
function isEndOf({ type, data }: CallEvent, bound = ''): boolean {
  if (type !== `${TYPE_PREFIX}CallDisconnected`) return false;
  const [connection, identity] = [connectionOf(bound), callIdentity(data)];
  return connection === '' ? isSameCall(bound, identity) : connection === connectionOf(identity);
}

/** An immutable resource id, which the tokens name; the portal shows the ARM path beside it. */
function resourceId(text: string): string {
  listed(text);
  try {
    guid(text);
  } catch {
    throw new Error(
      'must be an immutable resource id, which is a GUID, and not the ARM path or a name: az communication show --name <name> --resource-group <group> --query immutableResourceId',
    );
  }
  return text;
}
