import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallHandlers, HandlerContext } from '../../../shared/events/handlers.ts';
import { gridEvents } from '../../../shared/providers/event-grid/index.ts';
import { deliveryOf } from '../../support/endpoints.ts';
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

const log = () => {};

/** What the handlers are called with for an event. */
async function handledBy(handlers: CallHandlers, document: unknown): Promise<unknown> {
  const settings = { EVENT_GRID_KEY_SECRET: 'key', SECRET_KEY: 'a secret of thirty-two bytes or more' };
  const route = 'POST /api/events/incoming-call';
  const { handlerFor } = deliveryOf(route, { settings, handlers: { calls: handlers } });
  const event = first(document);
  const context = { idempotencyKey: 'key', reference: '', log } as unknown as HandlerContext;
  return event && handlerFor(event)?.(context, new Map());
}

describe('a recording that is ready', () => {
  const type = 'Microsoft.Communication.RecordingFileStatusUpdated';
  const chunk = { documentId: '0-weu-1', index: 0, contentLocation: 'https://storage.example/1', novelty: 1 };
  const ready = {
    ...inGridSchema,
    eventType: type,
    subject: '/recording/call/call-1/recordingId/recording-1',
    data: { recordingStorageInfo: { recordingChunks: [chunk] }, recordingDurationMs: 42_000 },
  };
  const asGiven = { recordingFileStatusUpdated: (...given: unknown[]) => given } as CallHandlers;

  test('is handled by its own handler, in either schema, with the id of the recording for a reference', async () => {
    const { topic, eventType, eventTime, ...rest } = ready;
    for (const document of [[ready], { ...rest, source: topic, type: eventType, time: eventTime }]) {
      expect(await handledBy(asGiven, document)).toEqual([
        expect.objectContaining({ type, source: TOPIC, data: ready.data }),
        { idempotencyKey: 'key', log, reference: 'recording-1', recordings: expect.any(Function) },
      ]);
    }
  });

  test.each([
    ['/recording/call/call-1/serverCallId/server-1', ''],
    ['/recording/call/call-1/serverCallId/server-1/recordingId/recording-1', 'recording-1'],
    ['', ''],
    [undefined, ''],
    [7, ''],
  ])('of the subject %j', async (subject, reference) => {
    expect(await handledBy(asGiven, [{ ...ready, subject }])).toMatchObject([{}, { reference }]);
  });

  test('is neither handled as a call nor the other way round', async () => {
    expect(await handledBy({ incoming: () => 'handled' }, [ready])).toBeUndefined();
    expect(await handledBy(asGiven, [inGridSchema])).toBeUndefined();
    expect(await handledBy({ incoming: () => 'handled' }, [inGridSchema])).toBe('handled');
  });

  test('has a ledger identity of its own, and nothing in common with a call', () => {
    const [one, other] = [first([ready]), first([{ ...ready, id: '2' }])];
    expect(one?.key).not.toBe(other?.key);
    expect(one?.key).toBe(first([{ ...ready, data: {} }])?.key);
    expect(first([{ ...ready, data }])?.alias).toBeUndefined();
  });

  test('is counted by its type in metrics', () => {
    expect([...gridEvents(undefined).eventTypes]).toEqual([TYPE, type]);
  });
});

test('a call to a resource account of Teams is one call, whatever subscription delivers it', async () => {
  const to = { kind: 'unknown', rawId: '28:orgid:11111111-2222-3333-4444-555555555555' };
  const customContext = { voipHeaders: { 'X-Example': '1' } };
  const call = { ...inGridSchema, data: { ...data, to, customContext } };
  expect(first([call])?.alias).toEqual(first([{ ...call, id: '2' }])?.alias);
  expect(first([call])?.alias).toBeDefined();
  const incoming: CallHandlers['incoming'] = ({ data: { to: called, customContext: context } }) => [
    called?.kind,
    called?.rawId,
    context?.voipHeaders,
  ];
  expect(await handledBy({ incoming }, [call])).toEqual(['unknown', to.rawId, customContext.voipHeaders]);
});

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
        ['string', 'object'].includes(typeof gridEvents([]).parse(received({ body }), {})),
      ),
    );
  });
});
