import { randomUUID } from 'node:crypto';
import type { OutgoingRequest } from '../../http/request.ts';
import { withHeader } from './forgeries.ts';
import { forgery } from '../forgery.ts';
import type { Forgery, GenuineIncoming } from '../forgery.ts';

type IncomingForgery = Forgery<GenuineIncoming>;

const validation = (data: unknown = { validationCode: randomUUID() }) => ({
  id: randomUUID(),
  topic: '/subscriptions/00000000-0000-4000-8000-000000000000',
  subject: '',
  data,
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  eventTime: new Date().toISOString(),
  dataVersion: '2',
});

/** A handshake by somebody who may deliver, in a form that it never has; refused after the proof. */
function malformed(
  name: string,
  events: () => readonly unknown[],
  type = 'SubscriptionValidation',
): IncomingForgery {
  return {
    name,
    expected: { status: 400, reason: 'handshake-malformed' },
    forge: (genuine) => ({ ...withHeader(genuine, 'aeg-event-type', type), body: JSON.stringify(events()) }),
  };
}

const otherEvent = { ...validation({}), eventType: 'Microsoft.Communication.IncomingCall' };

export const handshakes: readonly IncomingForgery[] = [
  forgery('handshake-without-credentials', 'shared-key-missing', ({ request }) => ({
    ...request,
    headers: [
      ['aeg-event-type', 'SubscriptionValidation'],
      ['aeg-subscription-name', 'INCOMING-CALLS'],
    ],
    body: JSON.stringify([validation()]),
  })),
  malformed('handshake-as-notification', () => [validation()], 'Notification'),
  malformed('handshake-as-deletion', () => [validation()], 'SubscriptionDeletion'),
  malformed('handshake-of-unknown-type', () => [validation()], 'SubscriptionSomething'),
  malformed('handshake-mixed-with-an-event', () => [validation(), otherEvent]),
  malformed('handshake-twice', () => [validation(), validation()]),
  malformed('handshake-without-one', () => [otherEvent]),
  malformed('handshake-empty', () => []),
  malformed('handshake-code-missing', () => [validation({})]),
  malformed('handshake-code-object', () => [validation({ validationCode: { toString: 'x' } })]),
  malformed('handshake-code-array', () => [validation({ validationCode: [randomUUID()] })]),
  malformed('handshake-code-of-a-megabyte', () => [validation({ validationCode: 'A'.repeat(1_000_000) })]),
  malformed('handshake-code-markup', () => [validation({ validationCode: '<script>alert(1)</script>' })]),
];

const ORIGIN = 'webhook-request-origin';
const RATE = 'webhook-request-rate';

/** OPTIONS with the shared key, asking for what Event Grid never asks. */
function asking(
  name: string,
  reason: 'webhook-origin' | 'webhook-rate',
  headers: readonly (readonly [string, string])[],
): IncomingForgery {
  return forgery(name, reason, ({ request }): OutgoingRequest => {
    const key = request.headers.filter(([header]) => header === 'x-ringward-key');
    return { url: request.url, method: 'OPTIONS', headers: [...key, ...headers], body: '' };
  });
}

const GENUINE = [ORIGIN, 'eventgrid.azure.net'] as const;

export const permissions: readonly IncomingForgery[] = [
  forgery('options-without-key', 'shared-key-missing', ({ request }) => ({
    url: request.url,
    method: 'OPTIONS' as const,
    headers: [GENUINE],
    body: '',
  })),
  asking('options-origin-missing', 'webhook-origin', []),
  asking('options-origin-any', 'webhook-origin', [[ORIGIN, '*']]),
  asking('options-origin-line-break', 'webhook-origin', [[ORIGIN, 'eventgrid.azure.net%0d%0aAllow: GET']]),
  asking('options-origin-unlisted', 'webhook-origin', [[ORIGIN, 'attacker.example']]),
  asking('options-origin-twice', 'webhook-origin', [GENUINE, GENUINE]),
  asking('options-rate-zero', 'webhook-rate', [GENUINE, [RATE, '0']]),
  asking('options-rate-negative', 'webhook-rate', [GENUINE, [RATE, '-1']]),
  asking('options-rate-text', 'webhook-rate', [GENUINE, [RATE, 'abc']]),
];
