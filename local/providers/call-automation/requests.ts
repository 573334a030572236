import { randomUUID } from 'node:crypto';
import { newReference } from '../../../shared/calls/uris.ts';
import type { CallEvent, CallEventData, CallEventName } from '../../../shared/events/call-automation.ts';
import { secretVersion } from '../../../shared/secrets/versions.ts';
import type { SecretVersion } from '../../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import type { Purpose } from '../../../shared/verification/callback-key.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import type { FakeCloud } from '../../target.ts';
import type { Genuine } from '../forgery.ts';
import type { Acs } from './acs.ts';

/** The names of a call at the service. */
export type CallIds = {
  readonly callConnectionId: string;
  readonly serverCallId: string;
  readonly correlationId: string;
};

/** The events of one call, each with its own id. */
export type Call = {
  readonly event: <Name extends CallEventName>(
    name: Name,
    data?: Partial<CallEventData[Name]>,
  ) => CallEvent<Name>;
};

/** The members follow the documented example: https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation */
export function newCall(
  ids: CallIds = {
    callConnectionId: randomUUID(),
    serverCallId: randomUUID(),
    correlationId: randomUUID(),
  },
): Call {
  const { callConnectionId } = ids;
  return {
    event: (name, data) => {
      const event = {
        id: randomUUID(),
        source: `calling/callConnections/${callConnectionId}`,
        type: `Microsoft.Communication.${name}`,
        data: { ...ids, ...data },
        time: new Date().toISOString(),
        specversion: '1.0',
        datacontenttype: 'application/json',
        subject: `calling/callConnections/${callConnectionId}`,
      };
      return event as unknown as CallEvent<typeof name>;
    },
  };
}

/** A request as Call Automation sends it: a JSON array of events, under a new token unless one is given. */
export function callback(
  acs: Pick<Acs, 'token'>,
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

/** An upgrade as Call Automation requests it, with a ticket and a token that lives a day. */
export async function upgrade(
  { acs, mediaUris }: Pick<FakeCloud, 'mediaUris'> & { readonly acs: Pick<Acs, 'mediaToken'> },
  mediaUrl: string,
): Promise<OutgoingRequest> {
  const uri = await mediaUris(mediaUrl)('media', newReference());
  return { url: uri, headers: [['authorization', `Bearer ${acs.mediaToken()}`]], body: '' };
}

/** A genuine callback or upgrade, and what signs another. */
export type GenuineCall = Genuine & {
  readonly acs: Acs;
  /** Signs a callback key with the app's own secret, or with another. */
  readonly mintKey: (options?: {
    readonly purpose?: Purpose;
    /** Seconds from now. */
    readonly expiresIn?: number;
    readonly secret?: string;
  }) => string;
};

export function genuineCall(
  { acs, callbackSecret }: { readonly acs: Acs; readonly callbackSecret: SecretVersion },
  request: OutgoingRequest,
): GenuineCall {
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
