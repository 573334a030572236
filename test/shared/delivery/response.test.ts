import { expect, test } from 'vitest';
import { handled, refusalFor } from '../../../shared/delivery/response.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { AnswerName, Reason } from '../../../shared/reasons.ts';

const reasonCodes = Object.keys(reasons) as Reason[];
const json = { 'content-type': 'application/json' };

test.each<[AnswerName, number, string, Record<string, string>]>([
  ['unauthorized', 401, '{"error":"unauthorized"}', { ...json, 'www-authenticate': 'Bearer' }],
  ['forbidden', 403, '{"error":"forbidden"}', json],
  ['bad-request', 400, '{"error":"bad request"}', json],
  ['too-large', 413, '{"error":"payload too large"}', json],
  ['unsupported-media-type', 415, '{"error":"unsupported media type"}', json],
  ['unavailable', 503, '{"error":"unavailable"}', { ...json, 'retry-after': '5' }],
  ['failed', 500, '{"error":"internal error"}', json],
])('%s is answered with %d, a constant body and constant headers', (name, status, body, headers) => {
  const same = reasonCodes.filter((reason) => reasons[reason].answer === name);
  expect(same).not.toEqual([]);
  for (const reason of same) expect(refusalFor(reason, 503)).toEqual({ status, body, headers });
});

test('where a call rings, only the status of unavailable is another', () => {
  expect(refusalFor('keys-unavailable', 504)).toEqual({
    ...refusalFor('keys-unavailable', 503),
    status: 504,
  });
  expect(refusalFor('token-missing', 504)).toEqual(refusalFor('token-missing', 503));
  expect(refusalFor('handler-threw', 504)).toEqual(refusalFor('handler-threw', 503));
});

test('what was handled is answered with 200 and nothing else', () => {
  expect(handled).toEqual({ status: 200 });
});

const expected: Record<number, readonly string[]> = {
  401: [
    'callback-key-',
    'token-',
    'body-unreadable',
    'check-threw',
    'reference-of-another-call',
    'shared-key-',
    'subscription-',
    'topic-',
    'webhook-',
    'payload-hash-',
    'sub-request-',
    'original-uri-',
    'ticket-of-ended-call',
    'livekit-key-unknown',
    'livekit-hash-malformed',
    'twilio-account-unknown',
    'twilio-signature',
  ],
  403: ['source-address-'],
  413: ['body-too-large'],
  415: ['content-type'],
  400: ['not-json', 'no-events', 'handshake-malformed', 'upgrade-malformed'],
  503: [
    'keys-unavailable',
    'callback-secret-unavailable',
    'shared-key-unavailable',
    'vonage-secret-unavailable',
    'livekit-secret-unavailable',
    'twilio-secret-unavailable',
    'callback-unsigned',
    'body-chunked',
    'callback-key-unconfirmed',
    'token-key-unconfirmed',
    'lease-lost',
    'ledger-unavailable',
    'delivery-in-progress',
    'handler-timed-out',
    'ticket-in-use',
    'sockets-exhausted',
    'host-stopping',
    'settings-faulty',
  ],
  500: ['handler-threw', 'delivery-threw'],
};

test.each(reasonCodes)('%s is answered as the table of the senders has it', (reason) => {
  const { status } = refusalFor(reason, 503);
  if (status === 503) expect(expected[503]).toContain(reason);
  else expect(expected[status]?.some((prefix) => reason.startsWith(prefix))).toBe(true);
});

test('no answer tells the sender the reason', () => {
  for (const reason of reasonCodes) {
    if (reason !== 'content-type') expect(JSON.stringify(refusalFor(reason, 503))).not.toContain(reason);
  }
});
