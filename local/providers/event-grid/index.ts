import { randomBytes } from 'node:crypto';
import { newReference } from '../../../shared/calls/uris.ts';
import { systemClock } from '../../../shared/clock.ts';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import { answeredBy, post } from '../../http/request.ts';
import type { Answered, OutgoingRequest } from '../../http/request.ts';
import type { FakeCloud, FakeService, Target } from '../../target.ts';
import { callNamesIn, objectsIn, typesIn, withObjects } from '../bodies.ts';
import { callAutomation } from '../call-automation/index.ts';
import { newIncomingCall, toTeamsPhone } from '../call-automation/service/incoming-call.ts';
import type { IncomingCallData } from '../call-automation/service/incoming-call.ts';
import { recordingReady } from '../call-automation/service/recordings.ts';
import { forgeryFamilies } from '../forgery.ts';
import type { RehearsalProvider } from '../provider.ts';
import { withBearer, withHeader, withoutParameter } from '../resign.ts';
import { startEntra } from './entra.ts';
import type { Entra } from './entra.ts';
import { renewedEnvelope } from './envelope.ts';
import type { Schema } from './envelope.ts';
import { eventForgeries, SHARED_KEY_FAMILY } from './forgeries.ts';
import type { GenuineEvent } from './forgeries.ts';
import { playIncomingCall, playRecordedCall, playTeamsPhoneCall } from './scenarios.ts';
import type { Reply } from './send.ts';
import { eventGridSubscription } from './subscription.ts';
import type { EventGridSubscription } from './subscription.ts';
import { tested } from './tested.ts';

const INCOMING_CALL = 'Microsoft.Communication.IncomingCall';
const EVENT_ID = 'aeg-output-event-id';
const SUBSCRIPTION = 'incoming-calls';
const AUDIENCE = 'api://ringward-fake';
const KEY_SECRET = 'event-grid-key';
/** What Event Grid calls itself in other clouds; no document says in which case of letters. */
const nationalOrigins = { us: 'eventgrid.azure.us', china: 'EventGrid.Azure.CN' };
const topicIn = (resourceGroup: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/${resourceGroup}/providers/Microsoft.Communication/communicationServices/ringward`;
const TOPIC = topicIn('fakes');

export type FakeEventGrid = FakeService & {
  readonly entra: Entra;
  readonly topic: string;
  readonly subscription: string;
  readonly audience: string;
  /** The shared key. */
  readonly key: string;
  /** The sender of one subscription, whose endpoint is the app. */
  subscriptionTo(baseUrl: string, schema?: Schema, origin?: string): EventGridSubscription;
};

/** Event Grid: incoming calls, recordings that are ready, and the handshakes of a subscription. */
export const eventGrid: RehearsalProvider<FakeEventGrid> = {
  name: 'event-grid',

  async start(azure) {
    const entra = await startEntra({ tls: azure.loopbackTls });
    const key = randomBytes(32).toString('base64url');
    azure.vault.add(KEY_SECRET, key);
    return {
      entra,
      topic: TOPIC,
      subscription: SUBSCRIPTION,
      audience: AUDIENCE,
      key,
      issuers: [entra],
      environment: {
        EVENT_GRID_KEY_SECRET: KEY_SECRET,
        EVENT_GRID_TENANT_ID: entra.tenantId,
        EVENT_GRID_AUTHORITY: entra.authority,
        EVENT_GRID_AUDIENCE: AUDIENCE,
        EVENT_GRID_SUBSCRIPTIONS: SUBSCRIPTION,
        EVENT_GRID_TOPICS: TOPIC,
        // By default a missing role is only reported; here every forgery is refused.
        EVENT_GRID_ROLE: 'enforce',
      },
      subscriptionTo: (baseUrl, schema = 'event-grid', origin = 'eventgrid.azure.net') =>
        eventGridSubscription({
          topic: TOPIC,
          subscriptionName: SUBSCRIPTION,
          schema,
          url: urlOf(baseUrl),
          key,
          token: () => entra.token({ audience: AUDIENCE }),
          clock: systemClock,
          origin,
          maxDeliveryAttempts: 2,
          timeToLiveSeconds: 60,
        }),
      close: entra.close,
    };
  },

  samples: [
    sample('IncomingCall', async (target) =>
      answeredBy(await post(incomingCall(target.cloud, target.baseUrl))),
    ),
    sample('IncomingCall-teams-phone', async (target) =>
      answeredBy(await post(incomingCall(target.cloud, target.baseUrl, toTeamsPhone()))),
    ),
    sample('RecordingFileStatusUpdated', async (target) => {
      const subscription = subscriptionOf(target);
      return answered(await subscription.send([subscription.event(recordingReady())]));
    }),
    sample('SubscriptionValidation', async (target) => answered(await subscriptionOf(target).subscribe())),
    sample('OPTIONS-handshake', async (target) =>
      answered(await subscriptionOf(target, 'cloud-events').subscribe()),
    ),
    ...Object.entries(nationalOrigins).map(([cloud, origin]) =>
      sample(`OPTIONS-handshake-${cloud}`, async (target) =>
        answered(await subscriptionOf(target, 'cloud-events', origin).subscribe()),
      ),
    ),
    sample('SubscriptionDeletion', async (target) => answered(await subscriptionOf(target).unsubscribe())),
  ],

  forgeries: forgeryFamilies(
    async ({ cloud, baseUrl }) => genuineEvent(cloud, incomingCall(cloud, baseUrl)),
    eventForgeries,
  ),

  scenarios: [
    {
      name: 'incoming-call',
      title: 'A call comes in',
      play: (context) => {
        const { service } = context.cloud.of(callAutomation);
        return playIncomingCall(context, subscriptionOf(context), service);
      },
    },
    {
      name: 'recorded-call',
      title: 'A call is placed and recorded, and the recording is ready',
      play: (context) => {
        const { service } = context.cloud.of(callAutomation);
        return playRecordedCall(context, subscriptionOf(context), service);
      },
    },
    {
      name: 'teams-phone-call',
      title: 'A call to a Teams resource account comes in, and one is placed for it',
      play: (context) => {
        const { service } = context.cloud.of(callAutomation);
        return playTeamsPhoneCall(context, subscriptionOf(context), service);
      },
    },
  ],

  async resign({ target: path, headers }, { cloud }) {
    const { entra, key, audience, subscription } = cloud.of(eventGrid);
    const keyed = withHeader(headers, 'x-ringward-key', key);
    const named = headers.some(([name]) => name.toLowerCase() === 'aeg-subscription-name')
      ? keyed
      : withHeader(keyed, 'aeg-subscription-name', subscription.toUpperCase());
    return { target: withoutParameter(path, 'key'), headers: withBearer(named, entra.token({ audience })) };
  },

  /** A call that comes in rings again, as another call: its context is valid for one answer. */
  async renew({ headers, body, ...delivery }, { cloud }) {
    const { service } = cloud.of(callAutomation);
    const renewed = withObjects(body, (event) => {
      const { data, type, eventType } = event as {
        data?: IncomingCallData;
        type?: string;
        eventType?: string;
      };
      if (!data || (type ?? eventType) !== INCOMING_CALL) return renewedEnvelope(event);
      const { serverCallId: _, correlationId: __, incomingCallContext: ___, ...kept } = data;
      return { ...renewedEnvelope(event), data: service.incomingCall(kept) };
    });
    if (!renewed) return undefined;
    const [{ id } = {}] = objectsIn(renewed);
    const isNamed = headers.some(([name]) => name.toLowerCase() === EVENT_ID);
    return {
      ...delivery,
      headers: isNamed ? withHeader(headers, EVENT_ID, String(id)) : headers,
      body: renewed,
    };
  },

  tested: [tested],

  typesOf: typesIn,

  callNames: ({ body }) => callNamesIn(body),

  caller({ body }) {
    const [event] = objectsIn(body);
    const { callerDisplayName, from } = (event?.['data'] ?? {}) as Partial<IncomingCallData>;
    return callerDisplayName || from?.phoneNumber?.value || from?.rawId;
  },

  withSecrets({ EVENT_GRID_KEY_SECRET, EVENT_GRID_TENANT_ID, ...settings }) {
    const key = EVENT_GRID_KEY_SECRET && settings.developmentSecret(EVENT_GRID_KEY_SECRET);
    // Where Entra protects the deliveries as well, the key alone is not enough.
    if (!key || EVENT_GRID_TENANT_ID) return undefined;
    const [topic = topicIn('ringward')] = settings.EVENT_GRID_TOPICS ?? [];
    const [subscription = SUBSCRIPTION] = settings.EVENT_GRID_SUBSCRIPTIONS ?? [];
    const make = (baseUrl: string) =>
      incomingCallDelivery({ baseUrl, topic, subscription, key, data: newIncomingCall() });
    return {
      samples: [{ group: 'Event Grid, under the shared key', name: 'IncomingCall', make }],
      forgeries: (eventForgeries[SHARED_KEY_FAMILY] ?? []).map(({ name, expected, forge }) => ({
        family: SHARED_KEY_FAMILY,
        name,
        expected,
        // These forgeries change headers and query, and sign nothing.
        make: (baseUrl) => forge({ request: make(baseUrl) } as GenuineEvent),
      })),
    };
  },
};

function sample(name: string, send: (target: Target) => Promise<Answered>) {
  return { group: 'Event Grid', name, send };
}

const urlOf = (baseUrl: string) => `${baseUrl}${routePath('events/incoming-call')}`;

const subscriptionOf = ({ cloud, baseUrl }: Target, schema?: Schema, origin?: string) =>
  cloud.of(eventGrid).subscriptionTo(baseUrl, schema, origin);

const answered = ({ status, headers }: Pick<Reply, 'status' | 'headers'>): Answered => ({
  status,
  header: (name) => headers.get(name) ?? undefined,
});

/**
 * A delivery of Event Grid: an IncomingCall in its own schema.
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events
 *
 * @param token of Entra, where there is one
 */
export function incomingCallDelivery({
  baseUrl,
  topic,
  subscription,
  key,
  token,
  data,
}: {
  baseUrl: string;
  topic: string;
  subscription: string;
  key: string;
  token?: string;
  data: IncomingCallData;
}): OutgoingRequest {
  const event = {
    id: newReference(),
    topic,
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data,
    eventType: INCOMING_CALL,
    dataVersion: '1.0',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
  const authorization = token === undefined ? [] : ([['authorization', `Bearer ${token}`]] as const);
  return {
    url: urlOf(baseUrl),
    headers: [
      ...authorization,
      ['x-ringward-key', key],
      ['aeg-event-type', 'Notification'],
      ['aeg-subscription-name', subscription.toUpperCase()],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify([event]),
  };
}

/** The same about a new call that rings at the fake service. */
export const incomingCall = (cloud: FakeCloud, baseUrl: string, change: Partial<IncomingCallData> = {}) =>
  ringingCall(cloud, baseUrl, cloud.of(callAutomation).service.incomingCall(change));

/** The same from the fake Event Grid, with key and token. */
export function ringingCall(cloud: FakeCloud, baseUrl: string, data: IncomingCallData): OutgoingRequest {
  const { entra, audience, topic, subscription, key } = cloud.of(eventGrid);
  return incomingCallDelivery({
    baseUrl,
    topic,
    subscription,
    key,
    token: entra.token({ audience }),
    data,
  });
}

export function genuineEvent(cloud: FakeCloud, request: OutgoingRequest): GenuineEvent {
  const { entra, audience } = cloud.of(eventGrid);
  return { request, acs: cloud.of(callAutomation).acs, entra, audience };
}
