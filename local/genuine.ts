import { callEventNames } from '../shared/telemetry/event-types.ts';
import { vonageKinds } from '../shared/events/vonage.ts';
import type { Target } from './attacks.ts';
import { openSocket } from './http/open-socket.ts';
import { callback, incomingDelivery, upgrade } from './requests.ts';
import { post } from './http/request.ts';
import type { OutgoingRequest, Reply } from './http/request.ts';
import { newCall } from './providers/call-automation/call.ts';
import type { Handshake } from './providers/event-grid/handshake.ts';
import { sampleBody } from './providers/vonage/project.ts';

/** What was answered, and how to find the delivery: the headers by name. */
export type Answered = {
  /** 0 where no answer came. */
  readonly status: number;
  readonly header: (name: string) => string | undefined;
};

/** A kind of delivery that the fakes send in the name of a real sender. */
export type GenuineKind = {
  readonly group: string;
  readonly name: string;
  readonly send: (target: Target) => Promise<Answered>;
};

/** What Node's client tells of an answer. */
export const answeredBy = ({ status, headers }: Pick<Reply, 'status' | 'headers'>): Answered => ({
  status,
  header: (name) => headers[name]?.toString(),
});

const posted = async (request: OutgoingRequest) => answeredBy(await post(request));

const told = ({ status, headers }: Pick<Handshake, 'status' | 'headers'>): Answered => ({
  status,
  header: (name) => headers.get(name) ?? undefined,
});

async function callEvents({ cloud, baseUrl }: Target, names: readonly (typeof callEventNames)[number][]) {
  const uri = await cloud.callbackUris(baseUrl)();
  // A call that goes on at the fake, so that what a handler does with it succeeds.
  const { callConnectionId, serverCallId, correlationId } = cloud.callAutomation.goingOn(uri);
  const call = newCall({ callConnectionId, serverCallId, correlationId });
  return callback(
    cloud.acs,
    uri,
    names.map((name) => call.event(name)),
  );
}

/** Every kind that can be sent by itself. Their names are all different. */
export const genuineKinds: readonly GenuineKind[] = [
  ...callEventNames.map((name) => ({
    group: 'Call Automation',
    name,
    send: async (target: Target) => posted(await callEvents(target, [name])),
  })),
  {
    group: 'Call Automation, more than one',
    name: 'two-events',
    send: async (target) => posted(await callEvents(target, ['CallTransferFailed', 'ParticipantsUpdated'])),
  },
  {
    group: 'Call Automation, more than one',
    name: 'redelivery',
    async send(target) {
      const request = await callEvents(target, ['PlayCompleted']);
      await post(request);
      return posted(request);
    },
  },
  {
    group: 'Event Grid',
    name: 'IncomingCall',
    send: ({ cloud, baseUrl }) => posted(incomingDelivery(cloud, baseUrl)),
  },
  {
    group: 'Event Grid',
    name: 'SubscriptionValidation',
    send: async ({ cloud, baseUrl }) => told(await cloud.subscriptionTo(baseUrl).subscribe()),
  },
  {
    group: 'Event Grid',
    name: 'OPTIONS-handshake',
    send: async ({ cloud, baseUrl }) =>
      told(await cloud.subscriptionTo(baseUrl, 'cloud-events').subscribe()),
  },
  {
    group: 'Event Grid',
    name: 'SubscriptionDeletion',
    send: async ({ cloud, baseUrl }) => told(await cloud.subscriptionTo(baseUrl).unsubscribe()),
  },
  ...vonageKinds.map((kind) => ({
    group: 'Vonage',
    name: kind,
    send: ({ cloud, baseUrl }: Target) => posted(cloud.vonage.callback(baseUrl, kind, sampleBody(kind))),
  })),
  {
    group: 'Media',
    name: 'media-socket',
    send: async ({ cloud, mediaUrl }) => openSocket(await upgrade(cloud, mediaUrl)),
  },
];
