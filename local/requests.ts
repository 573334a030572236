import { newReference } from '../shared/calls/uris.ts';
import { secretVersion } from '../shared/secrets/versions.ts';
import { mintCallbackKey } from '../shared/verification/callback-key.ts';
import type { Genuine, GenuineIncoming } from './providers/forgery.ts';
import type { OutgoingRequest } from './http/request.ts';
import type { Acs } from './providers/call-automation/acs.ts';
import type { IncomingCallData } from './providers/call-automation/incoming-call.ts';
import { sampleBody } from './providers/vonage/project.ts';
import type { FakeCloud } from './fake-cloud.ts';

/** A request as Call Automation sends it: a JSON array of events, under a new token unless one is given. */
export function callback(
  acs: Acs,
  uri: string,
  events: readonly unknown[],
  token: string = acs.token(),
): OutgoingRequest {
  return {
    url: uri,
    headers: [
      ['authorization', `Bearer ${token}`],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify(events),
  };
}

/** An upgrade as Call Automation asks for it: a ticket, and a token that lives a day. */
export async function upgrade(
  { acs, mediaUris }: Pick<FakeCloud, 'acs' | 'mediaUris'>,
  mediaUrl: string,
): Promise<OutgoingRequest> {
  const uri = await mediaUris(mediaUrl)('media', newReference());
  return { url: uri, headers: [['authorization', `Bearer ${acs.mediaToken()}`]], body: '' };
}

/**
 * A delivery of Event Grid: an IncomingCall in its own schema.
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events
 *
 * @param token of Entra, where there is one
 */
export function incomingCallDelivery(told: {
  baseUrl: string;
  topic: string;
  subscription: string;
  key: string;
  token?: string;
  data: IncomingCallData;
}): OutgoingRequest {
  const event = {
    id: newReference(),
    topic: told.topic,
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data: told.data,
    eventType: 'Microsoft.Communication.IncomingCall',
    dataVersion: '1.0',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
  const authorization =
    told.token === undefined ? [] : ([['authorization', `Bearer ${told.token}`]] as const);
  return {
    url: `${told.baseUrl}/api/events/incoming-call`,
    headers: [
      ...authorization,
      ['x-ringward-key', told.key],
      ['aeg-event-type', 'Notification'],
      ['aeg-subscription-name', told.subscription.toUpperCase()],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify([event]),
  };
}

/** The same of the fakes, with key and token. */
export function incomingDelivery(
  { entra, eventGrid, callAutomation }: FakeCloud,
  baseUrl: string,
): OutgoingRequest {
  const { topic, subscription, key, audience } = eventGrid;
  const token = entra.token({ audience });
  return incomingCallDelivery({
    baseUrl,
    topic,
    subscription,
    key,
    token,
    data: callAutomation.incomingCall(),
  });
}

/** What a forger starts from. */
export function genuine(
  { acs, callbackSecret }: Pick<FakeCloud, 'acs' | 'callbackSecret'>,
  request: OutgoingRequest,
): Genuine {
  return {
    request,
    acs,
    mintKey: ({ purpose = 'callback', expiresIn = 3600, secret } = {}) => {
      const version =
        secret === undefined ? callbackSecret : secretVersion(callbackSecret.kid, Buffer.from(secret));
      const expires = Math.floor(Date.now() / 1000) + expiresIn;
      return mintCallbackKey(version, purpose, { reference: newReference(), expires });
    },
  };
}

/** The same of a delivery of Event Grid. */
export function genuineIncoming(
  { acs, entra, eventGrid }: FakeCloud,
  request: OutgoingRequest,
): GenuineIncoming {
  return { request, acs, entra, audience: eventGrid.audience };
}

/** A callback of Vonage about an archive. */
export function vonageCallback({ vonage }: Pick<FakeCloud, 'vonage'>, baseUrl: string): OutgoingRequest {
  return vonage.callback(baseUrl, 'archive', sampleBody('archive'));
}
