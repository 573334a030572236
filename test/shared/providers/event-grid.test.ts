import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallHandlers, HandlerContext } from '../../../shared/events/handlers.ts';
import { gridEvents } from '../../../shared/providers/event-grid/index.ts';
import type {
  Identifier,
  IncomingCallData,
  IncomingCallEvent,
} from '../../../shared/events/call-automation.ts';
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

  test('of both schemas reach the handler with every member that the types name', () => {
    const inData = {
      ...data,
      to: { kind: 'communicationUser', rawId: '8:acs:a', communicationUser: { id: '8:acs:a' } },
      from: {
        kind: 'phoneNumber',
        rawId: '4:+15550100',
        phoneNumber: { value: '+15550100', isAnonymous: false },
      },
      onBehalfOfCallee: {
        kind: 'microsoftTeamsUser',
        rawId: '8:orgid:b',
        microsoftTeamsUser: { userId: 'b', isAnonymous: false, cloud: 'public' },
      },
      correlationId: 'c',
    } satisfies IncomingCallData;
    const common = {
      id: '1',
      source: TOPIC,
      type: TYPE,
      time: asCloudEvent.time,
      subject: 's',
      data: inData,
    } as const;
    const cloudEvent: IncomingCallEvent = { ...common, specversion: '1.0', dataschema: '#' };
    const gridEvent: IncomingCallEvent = { ...common, dataVersion: '1.0', metadataVersion: '1' };
    const { dataVersion, metadataVersion } = gridEvent;
    expect(first(cloudEvent)?.event).toEqual(cloudEvent);
    expect(first({ ...inGridSchema, data: inData, dataVersion, metadataVersion })?.event).toEqual(gridEvent);
    const app = {
      kind: 'microsoftTeamsApp',
      microsoftTeamsApp: { appId: 'a', cloud: 'gcch' },
    } satisfies Identifier;
    const toApp = first({ ...cloudEvent, data: { ...inData, to: app } })?.event as IncomingCallEvent;
    expect(toApp.data.to?.microsoftTeamsApp?.appId).toBe('a');
  });

  test.each([
    ['no JSON', '{', 'not-json'],
    ['a byte order mark', '\uFEFF[]', 'not-json'],
    ['an empty array', '[]', 'no-events'],
    ['nothing of use', '[1, null, {}, {"id": 1}]', 'no-events'],
    ['no topic', [{ ...inGridSchema, topic: undefined }], 'no-events'],
    ['no id', [{ ...inGridSchema, id: undefined }], 'no-events'],
    ['no type', [{ ...inGridSchema, eventType: undefined }], 'no-events'],
    ['an empty id', [{ ...inGridSchema, id: '' }], 'no-events'],
  ])('%s is refused', (_what, document, reason) => {
    expect(parse(document)).toBe(reason);
  });

  test('what is of no use beside what is of use is left out, and counted', () => {
    expect(parse([null, inGridSchema, {}])).toMatchObject({ events: [{}], unusable: 2 });
  });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const withoutData = { id: '1', source: TOPIC, type: TYPE };

  test.each<[string, object]>([
    ['JSON text', { data: JSON.stringify(data) }],
    ['JSON text in the schema of Event Grid', { ...inGridSchema, data: JSON.stringify(data) }],
    ['data_base64', { data_base64: base64(JSON.stringify(data)) }],
    ['data_base64 beside data that is null', { data: null, data_base64: base64(JSON.stringify(data)) }],
  ])('data as %s is decoded', (_what, change) => {
    const { event } = first({ ...withoutData, ...change }) ?? {};
    expect(event).toMatchObject({ type: TYPE, data });
    expect(event).not.toHaveProperty('data_base64');
  });

  test.each<[string, object]>([
    ['absent', {}],
    ['null', { data: null }],
    ['an array', { data: [data] }],
    ['a number', { data: 7 }],
    ['text that is no JSON', { data: 'secret' }],
    ['JSON text of an array', { data: '[]' }],
    ['JSON text of null', { data: 'null' }],
    ['JSON text of JSON text', { data: JSON.stringify(JSON.stringify(data)) }],
    ['base64 of no JSON', { data_base64: base64('secret') }],
    ['base64 of no UTF-8', { data_base64: '/w==' }],
    ['base64 that is no text', { data_base64: [1, 2] }],
    ['an array beside base64', { data: [], data_base64: base64('{}') }],
  ])('an event whose data is %s is of no use, and the others of its batch are handled', (_what, change) => {
    const event = { ...withoutData, ...change };
    expect(parse(event)).toBe('no-events');
    expect(parse([event, inGridSchema, { ...asCloudEvent, id: '' }])).toMatchObject({
      events: [{ event: { id: '1' } }],
      unusable: 2,
    });
  });

  test.each<[string, object, object]>([
    [
      'Event Grid',
      { source: '/another', type: 'Another', time: '2000-01-01T00:00:00Z' },
      { ...inGridSchema, eventTime: undefined },
    ],
    ['CloudEvents', { topic: '/another', eventTime: '2000-01-01T00:00:00Z', eventType: null }, asCloudEvent],
  ])('members of the other schema have no say in an event of %s', (_schema, foreign, event) => {
    const { source, type, time } = first({ ...event, ...foreign })?.event ?? {};
    expect([source, type]).toEqual([TOPIC, TYPE]);
    expect(time).not.toBe('2000-01-01T00:00:00Z');
  });

  test.each([
    ['the source', { ...inGridSchema, topic: '/foreign', source: TOPIC }],
    ['the source beside a topic that is null', { ...inGridSchema, topic: null, source: TOPIC }],
    ['the topic', { ...asCloudEvent, source: '/foreign', topic: TOPIC }],
  ])('a foreign event does not pass by the name of an allowed resource in %s', (_where, event) => {
    expect(['topic-not-allowed', 'no-events']).toContain(parse([event], [TOPIC]));
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
