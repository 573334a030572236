import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerHandshake, grantWebhook } from '../../../shared/delivery/event-grid-handshake.ts';
import { eventGrid } from '../../../shared/delivery/event-grid.ts';

const TOPIC = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Communication/communicationServices/n';
const data = { serverCallId: 'call', to: { rawId: '8:acs:a' }, incomingCallContext: 'secret' };
const TYPE = 'Microsoft.Communication.IncomingCall';
const inGridSchema = {
  id: '1',
  topic: TOPIC,
  eventType: TYPE,
  eventTime: '2026-01-01T00:00:00Z',
  subject: 's',
  data,
};
const asCloudEvent = { id: '1', source: TOPIC, type: TYPE, time: '2026-01-01T00:00:00Z', subject: 's', data };

const parse = (document: unknown, topics?: readonly string[]) =>
  eventGrid(topics).parse(
    Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)),
    {},
  );
const first = (document: unknown) => {
  const result = parse(document);
  return typeof result === 'string' ? undefined : result.events[0];
};

describe('events', () => {
  test('of both schemas come out the same', () => {
    expect(first([inGridSchema])).toEqual(first([asCloudEvent]));
    expect(first(asCloudEvent)?.event).toMatchObject({
      id: '1',
      source: TOPIC,
      type: TYPE,
      time: asCloudEvent.time,
      data,
    });
  });

  test.each([
    ['no JSON', '{', 'not-json'],
    ['a byte order mark', '\uFEFF[]', 'not-json'],
    ['an empty array', '[]', 'no-events'],
    ['nothing of use', '[1, null, {}, {"id": 1}]', 'no-events'],
    ['no topic', [{ ...inGridSchema, topic: undefined }], 'no-events'],
    ['no id', [{ ...inGridSchema, id: undefined }], 'no-events'],
    ['no type', [{ ...inGridSchema, eventType: undefined }], 'no-events'],
  ])('%s is refused', (_what, document, reason) => {
    expect(parse(document)).toBe(reason);
  });

  test('what is of no use beside what is of use is left out, and counted', () => {
    expect(parse([null, inGridSchema, {}])).toMatchObject({ events: [{}], unusable: 2 });
  });

  test.each([
    [undefined, 1],
    [[TOPIC], 1],
    [[TOPIC.toUpperCase()], 1],
    [['/another', TOPIC], 1],
    [['/another'], 'topic-not-allowed'],
    [[`${TOPIC}/more`], 'topic-not-allowed'],
    [[TOPIC.slice(0, -1)], 'topic-not-allowed'],
  ])('with the topics %j', (topics, expected) => {
    const result = parse([inGridSchema], topics);
    expect(typeof result === 'string' ? result : result.events.length).toBe(expected);
  });

  test('one of another topic has the whole request refused', () => {
    expect(parse([inGridSchema, { ...inGridSchema, topic: '/another' }], [TOPIC])).toBe('topic-not-allowed');
  });

  test('two deliveries of one call have one key in common, and no others do', () => {
    const [one, other] = [first([inGridSchema]), first([{ ...inGridSchema, id: '2' }])];
    expect(one?.key).not.toBe(other?.key);
    expect(one?.alias).toEqual(other?.alias);
    expect(one?.alias?.seconds).toBe(60);
    for (const change of [{ serverCallId: 'another' }, { to: { rawId: '8:acs:b' } }]) {
      expect(first([{ ...inGridSchema, data: { ...data, ...change } }])?.alias).not.toEqual(one?.alias);
    }
  });

  test.each([{ serverCallId: 7 }, { to: undefined }, { to: { rawId: null } }])(
    'without %j there is nothing in common',
    (change) => {
      expect(first([{ ...inGridSchema, data: { ...data, ...change } }])?.alias).toBeUndefined();
    },
  );

  test('whatever comes in, there are events or a reason, and no key is shared by different events', () => {
    const text = fc.constantFrom('a', 'b', '["a"]', 'a"', '');
    const element = fc.record({ id: text, topic: text, eventType: text, data: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(fc.oneof(element, fc.jsonValue())), (elements) => {
        const result = parse(elements);
        if (typeof result === 'string') return result === 'no-events';
        const { events } = result;
        const identities = new Map(
          events.map(({ key, event }) => [key, JSON.stringify([event.source, event.id])]),
        );
        return events.every(
          ({ key, event }) => identities.get(key) === JSON.stringify([event.source, event.id]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (body) =>
        ['string', 'object'].includes(typeof eventGrid([]).parse(body, {})),
      ),
    );
  });
});

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
  expect(
    grantWebhook({
      headers: { get: (name) => (name === 'webhook-request-rate' ? (rate ?? null) : null) },
      body: new Uint8Array(),
    }),
  ).toEqual({
    status: 200,
    headers: {
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': granted,
      allow: 'POST',
    },
  });
});
