import { newCall } from '../../local/providers/call-automation/requests.ts';
import type { Acs } from '../../local/providers/call-automation/acs.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';

/** Events of one call, which come under one callback key. */
const OF_A_CALL = 5;

export const ROUTE = '/api/callbacks/call-automation';

/** A genuine request as it goes over the wire, and its parts. */
export type WireRequest = { readonly target: string; readonly token: string; readonly body: string };

/** So many genuine requests, none like another: each has a token and an event of its own. */
export function genuineRequests(acs: Acs, secret: string, count: number): readonly WireRequest[] {
  const version = secretVersion('dev', Buffer.from(secret));
  const expires = Math.floor(Date.now() / 1000) + 3600;
  let call = newCall();
  let key = '';
  return Array.from({ length: count }, (_, index) => {
    if (index % OF_A_CALL === 0) {
      call = newCall();
      key = mintCallbackKey(version, 'callback', { reference: newReference(), expires });
    }
    // Of a type that the sample handlers only log.
    const body = JSON.stringify([
      call.event('ParticipantsUpdated', { participants: [], sequenceNumber: index }),
    ]);
    return { target: `${ROUTE}?key=${key}`, token: acs.token(), body };
  });
}

/** The bytes of a request over a connection that is kept open. */
export function onTheWire({ target, token, body }: WireRequest): Buffer {
  return Buffer.from(
    `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\naccept: */*\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
