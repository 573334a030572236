import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridEvents } from '../../../shared/providers/event-grid/index.ts';
import { received } from '../../support/verdict.ts';

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
  gridEvents(topics).parse(
    received({ body: typeof document === 'string' ? document : JSON.stringify(document) }),
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
      const another = first([{ ...inGridSchema, data: { ...data, ...change } }]);
      expect(another?.alias).toBeDefined();
      expect(another?.alias).not.toEqual(one?.alias);
    }
  });

  test.each([{ serverCallId: 7 }, { to: undefined }, { to: { rawId: null } }])(
    'without %j there is nothing in common',
    (change) => {
      const event = first([{ ...inGridSchema, data: { ...data, ...change } }]);
      expect(event).toBeDefined();
      expect(event?.alias).toBeUndefined();
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
        ['string', 'object'].includes(typeof gridEvents([]).parse(received({ body }), {})),
      ),
    );
  });
});
