import { hash } from 'node:crypto';
import { newReference } from '../../calls/uris.ts';
import { isJsonContentType, jsonElements } from '../../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../../delivery/endpoint.ts';
import type { IncomingCallEvent, RecordingFileStatusUpdatedEvent } from '../../events/call-automation.ts';
import type { CallHandlers } from '../../events/handlers.ts';
import { baseUrl, guid, list, listed, oneOf, secretName } from '../../settings/parse.ts';
import { row } from '../../settings/table.ts';
import { unhandledTypes } from '../../telemetry/delivery-log.ts';
import { measureMissedCall } from '../../telemetry/metrics.ts';
import type { Check } from '../../verification/check.ts';
import { sharedKey } from '../../verification/shared-key.ts';
import { endpointRow } from '../call-automation.ts';
import type { Platform, Provider } from '../provider.ts';
import { entraToken, noSharedKey, subscriptionName, webhookRequest } from './checks.ts';
import { cloudOf, cloudOfApplication } from './clouds.ts';
import { envelopeOf } from './envelope.ts';
import { answerHandshake, grantWebhook } from './handshake.ts';

const settings = {
  EVENT_GRID_KEY_SECRET: row({
    meaning:
      'The name of the secret with the shared key that Event Grid sends. This, EVENT_GRID_TENANT_ID or both enable the incoming-call route, and what is set must pass',
    example: 'event-grid-key',
    parse: secretName,
    namesSecret: true,
    setBy: 'deployment',
  }),
  EVENT_GRID_TENANT_ID: row({
    meaning: 'The Entra tenant whose tokens Event Grid sends; needs EVENT_GRID_AUDIENCE',
    example: '11111111-2222-3333-4444-555555555555',
    parse: guid,
    needs: [['EVENT_GRID_AUDIENCE']],
    setBy: 'deployment',
  }),
  EVENT_GRID_AUDIENCE: row({
    meaning: 'Client id or App ID URI of the app registration that stands for this endpoint, or several',
    example: 'api://ringward',
    parse: list(listed),
    needs: [['EVENT_GRID_TENANT_ID']],
  }),
  EVENT_GRID_SENDER_APP_ID: row({
    meaning:
      "Event Grid's own application. Without it: that of the cloud that EVENT_GRID_AUTHORITY names, `4962773b-9cdb-44cf-a8bf-237846a00ab7` (public) or `54316b56-3481-47f9-8f30-0300f5542a7b` (US Government). That of China is documented nowhere and must be set",
    example: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
    parse: guid,
    needs: [['EVENT_GRID_TENANT_ID']],
    cloud: cloudOfApplication,
  }),
  EVENT_GRID_AUTHORITY: row({
    meaning:
      'The Entra authority of the cloud: `https://login.microsoftonline.com`, `https://login.microsoftonline.us` (US Government) or `https://login.partner.microsoftonline.cn` (China)',
    default: 'https://login.microsoftonline.com',
    scheme: 'https',
    parse: baseUrl,
    needs: [['EVENT_GRID_TENANT_ID']],
    cloud: (authority) => cloudOf(authority).name,
  }),
  EVENT_GRID_ROLE: row({
    meaning:
      'An Entra token of Event Grid without the app role `AzureEventGridSecureWebhookSubscriber`: `report` (logged) or `enforce` (refused with 401)',
    default: 'report',
    parse: oneOf('report', 'enforce'),
  }),
  EVENT_GRID_SUBSCRIPTIONS: row({
    meaning: 'The names of the event subscriptions that may deliver, separated by commas; without it any',
    example: 'incoming-calls',
    parse: list(listed),
    needs: [['EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID']],
    setBy: 'deployment',
  }),
  EVENT_GRID_TOPICS: row({
    meaning: 'The ARM ids of the resources whose events are taken, separated by commas; without it any',
    example:
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/calls/providers/Microsoft.Communication/communicationServices/ringward',
    parse: list(armId),
    needs: [['EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID']],
    setBy: 'deployment',
  }),
  ACS_ENDPOINT: endpointRow,
};

const PATH = 'events/incoming-call';
/** Event Grid waits 30 s after a 503 but 10 s after other codes, and a call rings for 30 s. */
const UNAVAILABLE_STATUS = 504;

/**
 * Event Grid sends up to 1 MB of events, and escapes some characters again when it delivers them: batches of 1.28 MB were
 * seen. A refusal for size is final.
 */
const MAX_BATCH_BYTES = 1.5 * 1024 * 1024;

/** Event Grid: calls that come in and recordings that are ready, in either schema, and the handshakes of both. */
export const eventGrid: Provider<typeof settings, { readonly calls?: CallHandlers }> = {
  name: 'event-grid',
  title: 'Event Grid',
  page: 'incoming-calls.md',
  settings,
  enabledBy: ['EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID'],
  routes: [
    {
      name: 'incoming-call',
      path: PATH,
      methods: ['POST', 'OPTIONS'],
      unavailableStatus: UNAVAILABLE_STATUS,
    },
  ],

  faults: ({ EVENT_GRID_AUTHORITY: authority }, isSet) =>
    isSet('EVENT_GRID_TENANT_ID') && !isSet('EVENT_GRID_SENDER_APP_ID') && !cloudOf(authority).eventGridAppId
      ? [
          'EVENT_GRID_SENDER_APP_ID is missing, and no document names the application of Event Grid in this cloud: set it to the appId of the service principal Microsoft.EventGrid in your tenant',
        ]
      : [],

  create(platform, given, handlers) {
    const { clock, secrets } = platform;
    const secret = secrets.named(
      'EVENT_GRID_KEY_SECRET',
      given.EVENT_GRID_KEY_SECRET,
      'shared-key-unavailable',
    );
    const {
      EVENT_GRID_TENANT_ID: tenantId,
      EVENT_GRID_AUTHORITY: authority,
      EVENT_GRID_AUDIENCE: audiences,
    } = given;
    const keys =
      tenantId === undefined
        ? undefined
        : platform.keySet({
            name: 'Entra',
            settings: ['EVENT_GRID_TENANT_ID', 'EVENT_GRID_AUTHORITY'],
            // One set of keys serves both forms of the issuer.
            issuer: `${cloudOf(authority).issuerV2}/${tenantId}/v2.0`,
            openIdConfigurationUrl: `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
          });

    const subscription = (required: boolean): Check[] =>
      given.EVENT_GRID_SUBSCRIPTIONS ? [subscriptionName(given.EVENT_GRID_SUBSCRIPTIONS, { required })] : [];
    const key = secret ? [sharedKey(secret)] : [];
    const token: Check[] = [];
    if (keys && tenantId && audiences) {
      const rules = {
        tenantId,
        audiences,
        senderAppId: given.EVENT_GRID_SENDER_APP_ID,
        authority,
        role: given.EVENT_GRID_ROLE,
        toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS,
      };
      token.push(entraToken({ rules, keys, clock }));
    }
    const common = {
      provider: 'event-grid',
      function: 'incoming-call',
      path: PATH,
      unavailableStatus: UNAVAILABLE_STATUS,
      maxBodyBytes: MAX_BATCH_BYTES,
      accepts: isJsonContentType,
    } as const;
    const notifications: Endpoint<VerifiedGridEvent> = {
      ...common,
      method: 'POST',
      checks: [...subscription(true), ...key, ...token],
      respond: answerHandshake,
      delivery: deliveryOf(handlers.calls ?? {}, platform, given.EVENT_GRID_TOPICS),
    };
    const permission: Endpoint = {
      ...common,
      method: 'OPTIONS',
      // Whether this handshake carries a token is documented nowhere, so the shared key alone authenticates it.
      checks: [...subscription(false), ...(secret ? key : [noSharedKey]), webhookRequest],
      respond: grantWebhook,
    };
    return {
      endpoints: [notifications, permission],
      dependencies: { ...(keys && { 'entra-keys': keys }), ...(secret && { 'event-grid-key': secret }) },
      ...(given.ACS_ENDPOINT && { warm: platform.calls.warm }),
    };
  },
};

export type VerifiedGridEvent = VerifiedEvent & {
  /** The ARM id of the resource that the event is about. */
  readonly topic: string;
  /** In the form of a CloudEvent, whichever schema it came in. */
  readonly event: GridEvent;
};
type GridEvent = IncomingCallEvent | RecordingFileStatusUpdatedEvent;

export const INCOMING_CALL = 'Microsoft.Communication.IncomingCall';
const RECORDING_FILE_STATUS_UPDATED = 'Microsoft.Communication.RecordingFileStatusUpdated';

/** Two subscriptions can deliver the same call this far apart: twice as long as it rings. */
const SAME_CALL_SECONDS = 60;

/**
 * Event Grid posts an array of events of its own schema, or CloudEvents 1.0, one or many.
 * https://learn.microsoft.com/azure/event-grid/event-schema and …/cloud-event-schema
 *
 * @param topics ARM ids of the resources whose events are accepted, in any case; without a list, of all
 */
export function gridEvents(
  topics: readonly string[] | undefined,
): Pick<Delivery<VerifiedGridEvent>, 'parse' | 'concurrency' | 'eventTypes'> {
  const allowed = topics && new Set(topics.map((topic) => topic.toLowerCase()));
  return {
    concurrency: 32,
    eventTypes: new Set([INCOMING_CALL, RECORDING_FILE_STATUS_UPDATED]),
    parse({ body }) {
      const elements = jsonElements(body);
      if (!elements) return 'not-json';
      const events = elements.flatMap(verifiedGridEvent);
      if (events.length === 0) return 'no-events';
      const isForeign = events.some(({ topic }) => allowed && !allowed.has(topic.toLowerCase()));
      return isForeign ? 'topic-not-allowed' : { events, unusable: elements.length - events.length };
    },
  };
}

function deliveryOf(
  { incoming, recordingFileStatusUpdated }: CallHandlers,
  { calls, note }: Platform,
  topics: readonly string[] | undefined,
): Delivery<VerifiedGridEvent> {
  const reportUnhandled = unhandledTypes(note);
  return {
    ...gridEvents(topics),
    handlerFor({ event }) {
      if (event.type === INCOMING_CALL && incoming) {
        return (context) => {
          const reference = newReference();
          const ring = calls.ring(event, reference, context.signal);
          if (ring.missed) reportMissedCall(context.log);
          return incoming(event, { ...context, reference, ring, placeCall: calls.placeCall });
        };
      }
      if (event.type === RECORDING_FILE_STATUS_UPDATED && recordingFileStatusUpdated) {
        return (context) => {
          const reference = recordingIn(event);
          return recordingFileStatusUpdated(event, { ...context, reference, recordings: calls.recordings });
        };
      }
      reportUnhandled(event.type);
      return undefined;
    },
  };
}

/**
 * Reports a call that stopped ringing before its event arrived.
 *
 * @param log of the invocation
 */
export function reportMissedCall(log: (message: string) => void): void {
  measureMissedCall();
  const why = 'IncomingCall arrived after the call stopped ringing; ring.missed is true';
  log(JSON.stringify({ ringward: 'call-missed', why }));
}

/**
 * An element without an identity of its own cannot be told from a repeat, and one without data says nothing: neither is
 * handled.
 */
function verifiedGridEvent(element: unknown): VerifiedGridEvent[] {
  const envelope = envelopeOf(element);
  if (!envelope?.data) return [];
  const { source, type, time, data, rest } = envelope;
  const { id } = rest;
  if (typeof id !== 'string' || id === '' || typeof source !== 'string' || typeof type !== 'string')
    return [];
  const event = {
    ...rest,
    source,
    type,
    ...(typeof time === 'string' && { time }),
    data,
  } as GridEvent;
  const alias = sameCall(event);
  return [{ type, topic: source, key: keyOf('event', source, id), alias, event }];
}

/** Two subscriptions deliver one call as two events. The call and its callee tell that they are the same. */
function sameCall({ type, data }: GridEvent): VerifiedEvent['alias'] {
  if (type !== INCOMING_CALL) return undefined;
  const rawId: unknown = data.to?.rawId;
  if (typeof data.serverCallId !== 'string' || typeof rawId !== 'string') return undefined;
  return { key: keyOf('call', data.serverCallId, rawId), seconds: SAME_CALL_SECONDS };
}

/** The subject is `/recording/call/…/recordingId/<id>`, or ends with the server call id. */
const recordingIn = ({ subject }: RecordingFileStatusUpdatedEvent) =>
  /\/recordingId\/([^/]+)/.exec(String(subject))?.[1] ?? '';

const keyOf = (kind: string, ...identity: readonly string[]) =>
  `event-grid:${hash('sha256', JSON.stringify([kind, ...identity]), 'base64url')}`;

function armId(text: string): string {
  if (!/^\/subscriptions\/[^/]+\/./i.test(listed(text)))
    throw new Error('must be an ARM id: /subscriptions/…');
  return text;
}
