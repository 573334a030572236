import { newReference } from '../../shared/calls/reference.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';
import type { Genuine, GenuineIncoming } from '../forgeries/forgery.ts';
import type { OutgoingRequest } from '../request.ts';
import type { Acs } from '../stand-ins/acs.ts';
import { sampleBody } from '../stand-ins/vonage.ts';
import type { Clouds } from './clouds.ts';

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
  { acs, mediaUris }: Pick<Clouds, 'acs' | 'mediaUris'>,
  mediaUrl: string,
): Promise<OutgoingRequest> {
  const uri = await mediaUris(mediaUrl)('media', newReference());
  return { url: uri, headers: [['authorization', `Bearer ${acs.mediaToken()}`]], body: '' };
}

/** A delivery of Event Grid: an IncomingCall in its own schema, with key and token. */
export function incomingDelivery(
  { entra, eventGrid, callAutomation }: Clouds,
  baseUrl: string,
): OutgoingRequest {
  const event = {
    id: newReference(),
    topic: eventGrid.topic,
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data: callAutomation.incomingCall(),
    eventType: 'Microsoft.Communication.IncomingCall',
    dataVersion: '1.0',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
  return {
    url: `${baseUrl}/api/events/incoming-call`,
    headers: [
      ['authorization', `Bearer ${entra.token({ audience: eventGrid.audience })}`],
      ['x-ringward-key', eventGrid.key],
      ['aeg-event-type', 'Notification'],
      ['aeg-subscription-name', eventGrid.subscription.toUpperCase()],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify([event]),
  };
}

/** What a forger starts from. */
export function genuine(
  { acs, callbackSecret }: Pick<Clouds, 'acs' | 'callbackSecret'>,
  request: OutgoingRequest,
): Genuine {
  return {
    request,
    acs,
    mintKey: ({ purpose = 'callback', expiresIn = 3600, secret } = {}) => {
      const version =
        secret === undefined ? callbackSecret : { ...callbackSecret, secret: Buffer.from(secret) };
      const expires = Math.floor(Date.now() / 1000) + expiresIn;
      return mintCallbackKey(version, purpose, { reference: newReference(), expires });
    },
  };
}

/** The same of a delivery of Event Grid. */
export function genuineIncoming(
  { acs, entra, eventGrid }: Clouds,
  request: OutgoingRequest,
): GenuineIncoming {
  return { request, acs, entra, audience: eventGrid.audience };
}

/** A callback of Vonage about an archive. */
export function vonageCallback({ vonage }: Pick<Clouds, 'vonage'>, baseUrl: string): OutgoingRequest {
  return vonage.callback(baseUrl, 'archive', sampleBody('archive'));
}
