import type { Acs } from '../../local/providers/call-automation/acs.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';

const EVENTS_PER_CALL = 5;

export const ROUTE = '/api/callbacks/call-automation';

/** The parts of a genuine request. */
export type GenuineRequest = { readonly target: string; readonly token: string; readonly body: string };

/** Genuine requests, each with its own token and event. Events of one call share a callback key. */
export function genuineRequests(acs: Acs, secret: string, count: number): readonly GenuineRequest[] {
  const version = secretVersion('dev', Buffer.from(secret));
  const expires = Math.floor(Date.now() / 1000) + 3600;
  let call = newCall();
  let key = '';
  return Array.from({ length: count }, (_, index) => {
    if (index % EVENTS_PER_CALL === 0) {
      call = newCall();
      key = mintCallbackKey(version, 'callback', { reference: newReference(), expires });
    }
    // The sample handlers only log this type.
    const event = call.event('ParticipantsUpdated', { participants: [], sequenceNumber: index });
    return { target: `${ROUTE}?key=${key}`, token: acs.token(), body: JSON.stringify([event]) };
  });
}

/** The bytes of a request over a connection that stays open. */
export function asBytes({ target, token, body }: GenuineRequest): Buffer {
  return Buffer.from(
    `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\naccept: */*\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
