import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerHandshake, grantWebhook } from '../../../shared/providers/event-grid/handshake.ts';

const inGridSchema = {
  id: '1',
  topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Communication/communicationServices/n',
  eventType: 'Microsoft.Communication.IncomingCall',
  eventTime: '2026-01-01T00:00:00Z',
  subject: 's',
  data: { serverCallId: 'call', to: { rawId: '8:acs:a' }, incomingCallContext: 'secret' },
};

describe('the handshake', () => {
  const validation = (validationCode: unknown) => ({
    ...inGridSchema,
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode, validationUrl: 'https://secret.example' },
  });
  const answer = (type: string | null, document: unknown) =>
    answerHandshake({
      headers: { get: (name) => (name === 'aeg-event-type' ? type : null) },
      body: Buffer.from(JSON.stringify(document)),
    });

  test('repeats the code, and nothing else of the request', () => {
    const code = '512d38b6-c7b8-40c8-89fe-f46f9e9622b6';
    expect(answer('SubscriptionValidation', [validation(code)])).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: `{"validationResponse":"${code}"}`,
    });
  });

  test.each([null, 'Notification', 'notification'])('is not made of a notification (%s)', (type) => {
    expect(answer(type, [inGridSchema])).toBeUndefined();
  });

  const cloudEvent = (data: unknown) => ({
    id: '1',
    source: inGridSchema.topic,
    type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    specversion: '1.0',
    data,
  });

  test.each([
    ['an object', { validationCode: 'a-1' }],
    ['JSON text', JSON.stringify({ validationCode: 'a-1', validationUrl: 'https://secret.example' })],
  ])('is answered as a single CloudEvent with data as %s', (_what, data) => {
    expect(answer('SubscriptionValidation', cloudEvent(data))).toMatchObject({
      status: 200,
      body: '{"validationResponse":"a-1"}',
    });
  });

  test.each([{ topic: null }, { data: '{"validationCode":"a-1"}' }])(
    'is answered in the schema of Event Grid with %j',
    (change) => {
      expect(answer('SubscriptionValidation', [{ ...validation('a-1'), ...change }])).toMatchObject({
        status: 200,
      });
    },
  );

  test.each([
    [null, cloudEvent({ validationCode: 'a' })],
    ['Notification', cloudEvent('{"validationCode":"a"}')],
    ['SubscriptionDeletion', cloudEvent({ validationCode: 'a' })],
    ['SubscriptionValidation', cloudEvent('"a"')],
    ['SubscriptionValidation', cloudEvent('a')],
    ['SubscriptionValidation', cloudEvent('{"validationCode":"<a>"}')],
    ['SubscriptionValidation', cloudEvent(null)],
    ['SubscriptionValidation', [cloudEvent({ validationCode: 'a' }), inGridSchema]],
    ['SubscriptionValidation', { ...cloudEvent({ validationCode: 'a' }), eventType: 'Another' }],
  ])('is not made of %s with the CloudEvent %j', (type, document) => {
    expect(answer(type, document)).toBe('handshake-malformed');
  });

  test.each(['', ' ', 'a b', '\u0000', 'é', 'x'.repeat(129), 7, null, {}, ['a'], true])(
    'is refused with the code %j',
    (code) => {
      expect(answer('SubscriptionValidation', [validation(code)])).toBe('handshake-malformed');
    },
  );

  test.each<[string, string | null, readonly unknown[], unknown]>([
    [
      'a validation beside a notification',
      'SubscriptionValidation',
      [validation('a'), inGridSchema],
      'handshake-malformed',
    ],
    ['two validations', 'SubscriptionValidation', [validation('a'), validation('b')], 'handshake-malformed'],
    ['a notification that says it is one', 'SubscriptionValidation', [inGridSchema], 'handshake-malformed'],
    ['nothing', 'SubscriptionValidation', [], 'handshake-malformed'],
    ['a validation that says it is a notification', 'Notification', [validation('a')], 'handshake-malformed'],
    ['a validation among notifications', null, [inGridSchema, validation('a')], 'handshake-malformed'],
    ['the news of a deletion', 'SubscriptionDeletion', [inGridSchema], { status: 200 }],
    ['the news of a deletion, in any case', 'SUBSCRIPTIONDELETION', [], { status: 200 }],
    [
      'a validation that says it is a deletion',
      'SubscriptionDeletion',
      [validation('a')],
      'handshake-malformed',
    ],
    ['a type that nobody knows', 'Another', [inGridSchema], 'handshake-malformed'],
    ['a type that is empty', '', [inGridSchema], 'handshake-malformed'],
    [
      'a validation without data',
      'SubscriptionValidation',
      [{ ...validation('a'), data: undefined }],
      'handshake-malformed',
    ],
    ['what is no object', 'SubscriptionValidation', [null], 'handshake-malformed'],
  ])('of %s', (_what, type, document, expected) => {
    expect(answer(type, document)).toEqual(expected);
  });

  test('never answers with what is not a short plain code, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.array(fc.jsonValue()), (type, code, others) => {
        const given = answer(type, [...others, validation(code)]);
        if (typeof given !== 'object' || !given.body) return;
        const { validationResponse } = JSON.parse(given.body) as { validationResponse: string };
        expect(validationResponse).toMatch(/^[\w-]{1,128}$/);
      }),
    );
  });
});

test.each([
  ['120', '120'],
  ['*', '*'],
  [undefined, '*'],
])('who asked for the rate %j is granted %j, for POST from Event Grid alone', (rate, granted) => {
  const headers = new Headers({
    'webhook-request-origin': 'eventgrid.azure.net',
    ...(rate !== undefined && { 'webhook-request-rate': rate }),
  });
  expect(grantWebhook({ headers, body: new Uint8Array() })).toEqual({
    status: 200,
    headers: {
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': granted,
      allow: 'POST',
    },
  });
});

test.each(['eventgrid.azure.us', 'eventgrid.azure.cn', 'EventGrid.Azure.NET'])(
  'the origin %s is granted as it was written',
  (origin) => {
    const headers = new Headers({ 'webhook-request-origin': origin });
    expect(grantWebhook({ headers, body: new Uint8Array() }).headers?.['webhook-allowed-origin']).toBe(
      origin,
    );
  },
);
