import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallEventHandlers, HandlerContext } from '../../../shared/events/handlers.ts';
import { callEventHandler, callEvents } from '../../../shared/providers/call-automation.ts';
import type { VerifiedCallEvent } from '../../../shared/providers/call-automation.ts';
import { asGiven, callEvent } from '../../support/pipeline.ts';
import { received } from '../../support/verdict.ts';
import { anyText } from '../../support/text.ts';

const parse = (body: unknown) =>
  callEvents.parse(received({ body: typeof body === 'string' ? body : JSON.stringify(body) }), {});
function parsed(body: unknown): readonly VerifiedCallEvent[] {
  const result = parse(body);
  if (typeof result === 'string') throw new Error(`no events: ${result}`);
  return result.events;
}
const keyOf = (event: unknown) => parsed([event])[0]?.key;

test('every event of a request is delivered, in its order and with everything that its sender wrote', () => {
  const sent = ['CallConnected', 'PlayCompleted', 'NotInventedYet'].map((name) =>
    callEvent({ id: name, type: `Microsoft.Communication.${name}`, extra: { deep: [1] } }),
  );
  const events = parsed(sent);
  expect(events.map(({ event }) => event)).toEqual(sent);
  expect(events.map(({ type }) => type)).toEqual(sent.map((event) => event['type']));
});

test('an event that comes without an array around it is delivered as well', () => {
  expect(parsed(callEvent()).map(({ event }) => event)).toEqual([callEvent()]);
});

const unusable: readonly unknown[] = [
  null,
  0,
  '',
  'text',
  true,
  [],
  {},
  [callEvent()],
  callEvent({ id: undefined }),
  callEvent({ source: undefined }),
  callEvent({ type: undefined }),
  callEvent({ id: 7 }),
  callEvent({ source: null }),
  callEvent({ type: ['a'] }),
];

test.each(unusable.map((element) => [element]))(
  'an element that is no event does not cost the others: %j',
  (element) => {
    expect(parse([element, callEvent(), element])).toMatchObject({
      events: [{ event: callEvent() }],
      unusable: 2,
    });
    expect(parse([element])).toBe('no-events');
  },
);

test.each(['[]', '{}', 'null', '0', '""', 'true', '[[]]', '[{}]', ' [ ] '])('%s holds no events', (body) => {
  expect(parse(body)).toBe('no-events');
});

test.each<[string, string | Uint8Array]>([
  ['nothing', ''],
  ['white space', ' '],
  ['half a document', '[{"id":"1"'],
  ['more than a document', '[] []'],
  ['a form', 'id=1&source=2&type=3'],
  ['a byte order mark', `\uFEFF${JSON.stringify([callEvent()])}`],
  ['UTF-16', Buffer.from(JSON.stringify([callEvent()]), 'utf16le')],
  [
    'a byte that is not UTF-8',
    Buffer.from(JSON.stringify([callEvent({ id: '~' })])).map((byte) => (byte === 0x7e ? 0xff : byte)),
  ],
])('%s is not JSON', (_what, body) => {
  expect(callEvents.parse(received({ body }), {})).toBe('not-json');
});

test.each([[undefined], [null], ['text'], [7], [false]])(
  'an event whose data is %j has empty data',
  (data) => {
    expect(parsed([callEvent({ data })])[0]?.event.data).toEqual({});
  },
);

test('members named as every object has them stay members of the event alone', () => {
  const [proved] = parsed(
    `[{"id":"1","source":"s","type":"t","__proto__":{"polluted":true},"constructor":1,"data":{"__proto__":{"polluted":true}}}]`,
  );
  expect(proved?.event.id).toBe('1');
  expect((proved?.event as Record<string, unknown> | undefined)?.['polluted']).toBeUndefined();
  expect((proved?.event.data as Record<string, unknown> | undefined)?.['polluted']).toBeUndefined();
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('whatever the bytes, there are events or a reason', () => {
  const body = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .array(fc.oneof(fc.jsonValue(), fc.constant(callEvent())))
      .map((list) => Buffer.from(JSON.stringify(list))),
  );
  fc.assert(
    fc.property(body, (bytes) => {
      const result = callEvents.parse(received({ body: bytes }), {});
      if (typeof result === 'string') expect(['not-json', 'no-events']).toContain(result);
      else
        expect(
          result.events.every(
            ({ key, type }) => /^call-automation:[\w-]{43}$/.test(key) && typeof type === 'string',
          ),
        ).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the key of an event is the same with every delivery of it, whatever else changes', () => {
  const again = callEvent({ type: 'Another', data: { other: true }, time: 'later', subject: 'else' });
  expect(keyOf(again)).toBe(keyOf(callEvent()));
});

test('events of another id or source have another key, and no two pairs run together', () => {
  const text = fc.oneof(
    anyText({ maxLength: 4 }),
    fc.constantFrom('', '"', '","', '\\', 'a', 'b', 'ab', '\u0000', '\ud800'),
  );
  fc.assert(
    fc.property(text, text, text, text, (source, id, otherSource, otherId) => {
      const same = source === otherSource && id === otherId;
      expect(
        keyOf(callEvent({ source, id })) === keyOf(callEvent({ source: otherSource, id: otherId })),
      ).toBe(same);
    }),
    { numRuns: 2000 },
  );
  for (const between of ['', ',', ' ', '|', ':', '/', '.', '-', '\n', '\0', '","']) {
    const [long, short] = [
      { source: `a${between}b`, id: 'c' },
      { source: 'a', id: `b${between}c` },
    ];
    expect(keyOf(callEvent(long))).not.toBe(keyOf(callEvent(short)));
  }
});

const context: HandlerContext = {
  log: () => {},
  signal: new AbortController().signal,
  idempotencyKey: 'k',
  reference: 'r',
};

/** Runs whatever handler an event of this type gets, and tells which it was. */
function handledBy(
  type: string,
  handlers: (ran: (name: string) => () => void) => CallEventHandlers,
): string | undefined {
  let name: string | undefined;
  const [event] = parsed([callEvent({ type })]);
  const handler =
    event &&
    callEventHandler(
      handlers((ran) => () => void (name = ran)),
      asGiven,
    )(event);
  handler?.(context, new Map());
  return name;
}

test.each([
  ['Microsoft.Communication.CallConnected', 'CallConnected'],
  ['Microsoft.Communication.PlayCompleted', 'otherwise'],
  ['Microsoft.Communication.NotInventedYet', 'otherwise'],
  ['CallConnected', 'otherwise'],
  ['microsoft.communication.CallConnected', 'otherwise'],
  ['Microsoft.Communication.callconnected', 'otherwise'],
  ['Microsoft.Communication.CallConnected ', 'otherwise'],
  ['Microsoft.EventGrid.CallConnected', 'otherwise'],
  ['Microsoft.Communication.', 'otherwise'],
  ['Microsoft.Communication.otherwise', 'otherwise'],
  ['Microsoft.Communication.__proto__', 'otherwise'],
  ['Microsoft.Communication.constructor', 'otherwise'],
  ['Microsoft.Communication.toString', 'otherwise'],
  ['Microsoft.Communication.hasOwnProperty', 'otherwise'],
  ['', 'otherwise'],
])('an event of type %j goes to %s', (type, expected) => {
  expect(
    handledBy(type, (ran) => ({ CallConnected: ran('CallConnected'), otherwise: ran('otherwise') })),
  ).toBe(expected);
});

test.each(['SendDtmfCompleted', 'SendDtmfTonesCompleted', 'SendDtmfFailed', 'SendDtmfTonesFailed'])(
  'a handler of either spelling gets %s, and its own spelling comes first',
  (name) => {
    const type = `Microsoft.Communication.${name}`;
    const [sdk, documentation] = name.endsWith('Failed')
      ? (['SendDtmfTonesFailed', 'SendDtmfFailed'] as const)
      : (['SendDtmfTonesCompleted', 'SendDtmfCompleted'] as const);
    for (const one of [sdk, documentation]) {
      expect(handledBy(type, (ran) => ({ [one]: ran(one), otherwise: ran('otherwise') }))).toBe(one);
    }
    const both = (ran: (name: string) => () => void) => ({
      [sdk]: ran(sdk),
      [documentation]: ran(documentation),
    });
    expect(handledBy(type, both)).toBe(name);
    expect(handledBy(type, (ran) => ({ PlayCompleted: ran('PlayCompleted') }))).toBeUndefined();
  },
);

test.each(['__proto__', 'constructor', 'toString', 'valueOf', 'otherwise', 'PlayCompleted'])(
  'without a handler for the rest, an event named %s has none',
  (name) => {
    const [event] = parsed([callEvent({ type: `Microsoft.Communication.${name}` })]);
    expect(event && callEventHandler({ CallConnected: () => {} }, asGiven)(event)).toBeUndefined();
  },
);

test('a handler gets the event and its context', () => {
  const given: unknown[] = [];
  const [event] = parsed([callEvent()]);
  if (event)
    callEventHandler({ CallConnected: (...parameters) => given.push(...parameters) }, asGiven)(event)?.(
      context,
      new Map(),
    );
  expect(given).toEqual([callEvent(), context]);
});
