import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { disruptedStates, disruptionReasons, sampleBody } from '../../../local/providers/vonage/project.ts';
import type { VerifiedEvent } from '../../../shared/delivery/endpoint.ts';
import type { HandlerContext, VonageHandlers } from '../../../shared/events/handlers.ts';
import { vonageKinds } from '../../../shared/events/vonage.ts';
import type { VonageEvent, VonageKind } from '../../../shared/events/vonage.ts';
import { deliveryOf, endpointOf } from '../../support/endpoints.ts';
import { received } from '../../support/verdict.ts';

const settings = {
  VONAGE_PROJECTS: '12345678',
  SECRET_VONAGE_12345678: 'the secret of the tests, of 32 bytes or more',
};
const callbacksOf = (kind: VonageKind, handlers: VonageHandlers = {}) =>
  deliveryOf(`POST /api/callbacks/vonage/${kind}`, { settings, handlers: { vonage: handlers } });
type VonageCallback = VerifiedEvent & { readonly event: VonageEvent };

const proof = { project: 'project', payloadHash: 'hash', tokenId: 'token' };
const parse = (document: unknown, kind: VonageKind = 'sip', proved: object = proof) =>
  callbacksOf(kind).parse(
    received({ body: typeof document === 'string' ? document : JSON.stringify(document) }),
    proved,
  );
function eventOf(document: unknown, kind?: VonageKind, proved?: object): VonageCallback {
  const result = parse(document, kind, proved);
  if (typeof result === 'string') throw new Error(`no events: ${result}`);
  expect(result).toMatchObject({ unusable: 0, events: [{}] });
  return result.events[0] as VonageCallback;
}

test('Vonage retries after a 503, and its events are handled in their order', () => {
  const endpoint = endpointOf('POST /api/callbacks/vonage/sip', { settings });
  expect(endpoint).toMatchObject({
    provider: 'vonage',
    unavailableStatus: 503,
    delivery: { concurrency: 1 },
  });
});

test.each<[string, unknown, string]>([
  ['no JSON', '{', 'not-json'],
  ['nothing', '', 'not-json'],
  ['null', null, 'no-events'],
  ['a number', 7, 'no-events'],
  ['a text', '"text"', 'no-events'],
  ['an empty list', [], 'not-json'],
  ['two callbacks in a list', [{ event: 'a' }, { event: 'b' }], 'no-events'],
])('a body of %s is refused', (_what, document, reason) => {
  expect(parse(document)).toBe(reason);
});

test.each(vonageKinds)('the sample of %s comes out as it was sent', (kind) => {
  const body = sampleBody(kind);
  expect(eventOf(body, kind).event).toEqual(JSON.parse(body));
});

test.each<[VonageKind, object, string]>([
  ['sip', { event: 'callCreated' }, 'sip:callCreated'],
  ['archive', { event: 'archive', status: 'available' }, 'archive:available'],
  ['broadcast', { status: 'started' }, 'broadcast:started'],
  ['captions', {}, 'captions:'],
  ['captions', { status: 7 }, 'captions:'],
])('of a %s callback %j the type is %j', (kind, document, type) => {
  expect(eventOf(document, kind).type).toBe(type);
});

const keyFrom = (...identity: readonly string[]) =>
  `vonage:${createHash('sha256').update(JSON.stringify(identity)).digest('base64url')}`;

test('a callback with a time is known by its project, kind and body, whatever token a repeat comes with', () => {
  const document = { event: 'callCreated', timestamp: 1 };
  expect(eventOf(document).key).toBe(keyFrom('project', 'sip', 'hash'));
  expect(eventOf(document, 'sip', { ...proof, tokenId: 'another' }).key).toBe(eventOf(document).key);
});

test('one without a time is known by its token as well, since another may say the same', () => {
  const document = { status: 'started' };
  expect(eventOf(document).key).toBe(keyFrom('project', 'sip', 'hash', 'token'));
  expect(eventOf(document, 'sip', { ...proof, tokenId: 'another' }).key).not.toBe(eventOf(document).key);
});

test('nothing that is known of a callback is left out of its key', () => {
  const document = { timestamp: 1 };
  const keys = [
    eventOf(document),
    eventOf(document, 'archive'),
    eventOf(document, 'sip', { ...proof, project: 'another' }),
    eventOf(document, 'sip', { ...proof, payloadHash: 'another' }),
    eventOf(document, 'sip', {}),
  ].map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(eventOf(document, 'sip', {}).key).toBe(keyFrom('', 'sip', ''));
});

/** What the handlers are called with for a callback; nothing where there is none for it. */
function handledBy(handlers: VonageHandlers, kind: VonageKind, document: object): unknown {
  const handler = callbacksOf(kind, handlers).handlerFor(eventOf(document, kind));
  return handler?.({ idempotencyKey: 'key' } as HandlerContext, new Map());
}

test('a handler of a whole kind gets each of its callbacks, with the session for a reference', () => {
  const handlers = { sip: (...given: unknown[]) => given } as unknown as VonageHandlers;
  const document = { event: 'callCreated', sessionId: 'session' };
  expect(handledBy(handlers, 'sip', document)).toEqual([
    document,
    { idempotencyKey: 'key', reference: 'session' },
  ]);
  expect(handledBy(handlers, 'archive', document)).toBeUndefined();
});

test.each<[object, unknown]>([
  [{ event: 'archive', status: 'available' }, 'available'],
  [{ event: 'archive', status: 'failed' }, 'otherwise'],
  [{ event: 'archive' }, 'otherwise'],
  [{ status: 'otherwise' }, 'otherwise'],
])('of handlers by state, %j goes to the one for %s', (document, expected) => {
  const handlers = {
    archive: { available: () => 'available', otherwise: () => 'otherwise' },
  } as unknown as VonageHandlers;
  expect(handledBy(handlers, 'archive', document)).toBe(expected);
});

const disruptions = Object.entries(disruptionReasons).flatMap(([environment, reason]) =>
  Object.entries(disruptedStates).map(([kind, state]) => ({
    environment,
    reason,
    kind: kind as VonageKind,
    state,
  })),
);
test.each(disruptions)(
  'a service disruption of $kind in the $environment environment goes to its handler, with its reason',
  ({ kind, state, reason }) => {
    const [name = ''] = Object.values(state as Record<string, string>);
    const handlers = {
      [kind]: { [name]: (event: VonageEvent) => event['reason'], otherwise: () => 'otherwise' },
    } as VonageHandlers;
    const body = sampleBody(kind, { ...state, reason });
    expect(handledBy(handlers, kind, JSON.parse(body))).toBe(reason);
    expect(callbacksOf(kind).eventTypes).toContain(`${kind}:${name}`);
  },
);

test('states of broadcasts and captions that are not published can be handled by name', () => {
  const handlers: VonageHandlers = {
    broadcast: { started: () => 'started', failed: ({ reason }) => reason },
    captions: { 'not yet known': ({ status }) => status },
  };
  expect(handledBy(handlers, 'broadcast', { status: 'started' })).toBe('started');
  expect(handledBy(handlers, 'captions', { status: 'not yet known' })).toBe('not yet known');
});

test.each(['constructor', '__proto__', 'toString', 'failed'])(
  'a state without a handler (%s) is handled by nobody',
  (status) => {
    expect(handledBy({ archive: { available: () => 'x' } }, 'archive', { status })).toBeUndefined();
  },
);

test.each([[7], [undefined], [{ toString: 'x' }]])('a session %j is none', (sessionId) => {
  const handlers = { sip: (_event: unknown, { reference }: HandlerContext) => reference } as VonageHandlers;
  expect(handledBy(handlers, 'sip', { sessionId })).toBe('');
});

test('where one secret signs several kinds, the kind is no part of the key: a captured callback runs one handler', () => {
  const shared = { ...proof, isSecretShared: true };
  const document = { event: 'callCreated', timestamp: 1 };
  const keys = new Set(vonageKinds.map((kind) => eventOf(document, kind, shared).key));
  expect(keys).toEqual(new Set([keyFrom('project', 'hash')]));
  expect(eventOf({ status: 'started' }, 'archive', shared).key).toBe(keyFrom('project', 'hash', 'token'));
});

test('two applications of one account are two projects', () => {
  const keys = ['one', 'two'].map(
    (application) => eventOf({ timestamp: 1 }, 'sip', { ...proof, application }).key,
  );
  expect(keys).toEqual([keyFrom('project:one', 'sip', 'hash'), keyFrom('project:two', 'sip', 'hash')]);
});
