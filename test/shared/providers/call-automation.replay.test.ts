import { expect, test } from 'vitest';
import type { Clock } from '../../../shared/clock.ts';
import type { Delivery } from '../../../shared/delivery/endpoint.ts';
import type { ReplayRule, RuleMode } from '../../../shared/delivery/replay.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { VerifiedCallEvent } from '../../../shared/providers/call-automation.ts';
import type { Proof } from '../../../shared/verification/check.ts';
import { manualClock } from '../../clock.ts';
import { deliveryOf } from '../../support/endpoints.ts';
import { callEvent, checking, pipelineOf, posted, REFERENCE } from '../../support/pipeline.ts';
import { received } from '../../support/verdict.ts';

const NOW = 1_800_000_000;
const proof = {
  reference: REFERENCE,
  referenceExpires: NOW + 3600,
  token: { id: 'token-1', expires: NOW + 300 },
} satisfies Proof;

const call = (callConnectionId: unknown) => callEvent({ data: { callConnectionId } });
const bodyOf = (...events: readonly unknown[]) => Buffer.from(JSON.stringify(events));

type Modes = { TOKEN_REUSE?: RuleMode; CALL_BINDING?: RuleMode };
const callbacks = (modes: Modes, clock: Clock) =>
  deliveryOf('POST /api/callbacks/call-automation', { settings: modes, clock });

/** The replay rules of a callback. */
function rules(given: Proof, events: readonly unknown[], modes: Modes = {}): readonly ReplayRule[] {
  const delivery = callbacks(modes, manualClock(NOW));
  const body = bodyOf(...events);
  const parsed = delivery.parse(received({ body }), {});
  return delivery.replayRules?.(given, body, typeof parsed === 'string' ? [] : parsed.events) ?? [];
}

test('a token belongs to one body and a reference to one call, each for as long as it is accepted', () => {
  expect(rules(proof, [call('one')])).toMatchObject([
    { name: 'token:token-1', seconds: 360, conflict: 'token-reused' },
    {
      name: `reference:${REFERENCE}`,
      value: 'one',
      seconds: 3660 + 2 * 86_400,
      conflict: 'reference-of-another-call',
    },
  ]);
});

test.each<RuleMode>(['report', 'enforce'])('TOKEN_REUSE %s is for the token alone', (TOKEN_REUSE) => {
  expect(rules(proof, [call('one')], { TOKEN_REUSE }).map(({ mode }) => mode)).toEqual([
    TOKEN_REUSE,
    'report',
  ]);
});

test.each<RuleMode>(['report', 'enforce'])('CALL_BINDING %s is for the reference alone', (CALL_BINDING) => {
  expect(rules(proof, [call('one')], { CALL_BINDING }).map(({ mode }) => mode)).toEqual([
    'report',
    CALL_BINDING,
  ]);
});

test('the value of a token is the body byte for byte', () => {
  const [one, other] = [[call('one')], [call('one'), 1]].map((events) => rules(proof, events)[0]?.value);
  expect(one).toBeDefined();
  expect(other).not.toBe(one);
  expect(rules(proof, [call('one')])[0]?.value).toBe(one);
});

test.each([[undefined], [null], [''], [7], [['one']]])(
  'an event that names no call has no rule: %j',
  (callConnectionId) => {
    expect(rules(proof, [call(callConnectionId)])).toHaveLength(1);
  },
);

test('a name of a call that is longer than any, or no text, is known by its hash', () => {
  const values = ['x'.repeat(1024 * 1024), 'x'.repeat(1025), '\ud800', '\udfff'].map(
    (id) => rules(proof, [call(id)])[1]?.value,
  );
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  expect(new Set(values).size).toBe(4);
});

test('events of one call are one rule, and events of two calls conflict with one another', () => {
  const values = (...ids: string[]) =>
    rules(proof, ids.map(call))
      .slice(1)
      .map(({ value }) => value);
  expect(values('one', 'one')).toEqual(['one']);
  expect(values('one', 'two')).toEqual(['one', 'two']);
});

test('without a token or a reference there is no rule', () => {
  expect(rules({}, [call('one')])).toEqual([]);
});

/** Deliveries with proofs of the test, on one ledger. */
function deliveries(modes: Modes = {}) {
  const clock = manualClock(NOW);
  const ledger = memoryLedger(clock);
  const handled: unknown[] = [];
  const delivery = callbacks(modes, clock);
  const handlers = { otherwise: ({ id }: { id: string }) => void handled.push(id) };
  return {
    handled,
    ledger,
    async deliver(given: Proof, ...events: readonly unknown[]) {
      const { deliver } = pipelineOf({
        clock,
        ledger,
        delivery: { ...(delivery.replayRules && { replayRules: delivery.replayRules }) },
        handlers,
        checks: [checking('proof', async () => given)],
      });
      const { status, entry } = await deliver(posted({ body: bodyOf(...events) }));
      return [status, entry?.reason, entry?.verdict, entry?.reported];
    },
  };
}
const event = (id: string, callConnectionId = 'one') => callEvent({ id, data: { callConnectionId } });
const ofToken = (id: string) => ({ ...proof, token: { ...proof.token, id } });

test('a token that is used again for another body is refused with TOKEN_REUSE=enforce, and nothing is handled', async () => {
  const { deliver, handled } = deliveries({ TOKEN_REUSE: 'enforce' });
  expect(await deliver(ofToken('a'), event('1'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(await deliver(ofToken('a'), event('2'))).toEqual([401, 'token-reused', 'rejected', undefined]);
  expect(await deliver(ofToken('a'), event('1'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(await deliver(ofToken('b'), event('2'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(handled).toEqual(['1', '2']);
});

test('a token that is used again for another body is reported by default, and its event is handled', async () => {
  const { deliver, handled } = deliveries();
  await deliver(ofToken('a'), event('1'));
  expect(await deliver(ofToken('a'), event('2'))).toEqual([200, undefined, 'accepted', ['token-reused']]);
  expect(handled).toEqual(['1', '2']);
});

test('an event of another call under a reference is reported or refused, as the setting says', async () => {
  const reporting = deliveries();
  await reporting.deliver(ofToken('a'), event('1'));
  expect(await reporting.deliver(ofToken('b'), event('2', 'two'))).toEqual([
    200,
    undefined,
    'accepted',
    ['reference-of-another-call'],
  ]);

  const enforcing = deliveries({ CALL_BINDING: 'enforce' });
  await enforcing.deliver(ofToken('a'), event('1'));
  expect(await enforcing.deliver(ofToken('b'), event('2', 'two'))).toEqual([
    401,
    'reference-of-another-call',
    'rejected',
    undefined,
  ]);
  expect(
    await enforcing.deliver({ ...ofToken('c'), reference: 'AAAAAAAAAAAAAAAAAAAAAA' }, event('2', 'two')),
  ).toEqual([200, undefined, 'accepted', undefined]);
  expect(enforcing.handled).toEqual(['1', '2']);
});

const bound = { callConnectionId: 'leg', serverCallId: 'server', correlationId: 'correlation' };
const ofCall = (id: string, data: object) => callEvent({ id, data });

test('a recorder, which has a connection of its own, belongs to the call that it records', async () => {
  const { deliver, handled } = deliveries({ CALL_BINDING: 'enforce' });
  await deliver(ofToken('a'), ofCall('1', bound));
  expect(await deliver(ofToken('b'), ofCall('2', { ...bound, callConnectionId: 'recorder' }))).toEqual([
    200,
    undefined,
    'accepted',
    undefined,
  ]);
  expect(handled).toEqual(['1', '2']);
});

test('an event of the call adds none of its other ids to what its reference accepts', async () => {
  const { deliver, handled } = deliveries({ CALL_BINDING: 'enforce' });
  const alike = { callConnectionId: 'b', serverCallId: 'server', correlationId: 'b' };
  await deliver(ofToken('a'), ofCall('1', bound));
  expect((await deliver(ofToken('b'), ofCall('2', alike)))[0]).toBe(200);
  // It shares ids with the event before, and none with the call.
  const foreign = { callConnectionId: 'b', serverCallId: 'b', correlationId: 'b' };
  expect((await deliver(ofToken('c'), ofCall('3', foreign))).slice(0, 2)).toEqual([
    401,
    'reference-of-another-call',
  ]);
  expect((await deliver(ofToken('d'), ofCall('4', alike), ofCall('5', foreign)))[0]).toBe(401);
  expect(handled).toEqual(['1', '2']);
});

test('a reference that an earlier version bound by the connection alone stays bound', async () => {
  const { deliver, ledger } = deliveries({ CALL_BINDING: 'enforce' });
  await ledger.putIfAbsent(`reference:${REFERENCE}`, 'leg', 60);
  expect((await deliver(ofToken('a'), ofCall('1', bound)))[0]).toBe(200);
  expect((await deliver(ofToken('b'), ofCall('2', { ...bound, callConnectionId: 'x' })))[0]).toBe(401);
});

test.each<[string, object, string]>([
  ['the call itself', bound, 'leg'],
  ['a recorder of it', { ...bound, callConnectionId: 'recorder' }, 'leg'],
  ['an event that names no connection', { serverCallId: 'server' }, 'leg'],
  ['another call, which is only reported', { callConnectionId: 'x', serverCallId: 'x' }, 'x'],
])('the actions of a handler address the bound call: %s', async (_what, data, expected) => {
  const addressed: string[] = [];
  const clock = manualClock(NOW);
  const delivery = deliveryOf('POST /api/callbacks/call-automation', {
    clock,
    handlers: {
      calls: { events: { otherwise: (_event, { call }) => void addressed.push(call.callConnectionId) } },
    },
  }) as Delivery<VerifiedCallEvent>;
  let token = 0;
  const checks = [checking('proof', async () => ofToken(String(token++)))];
  const { deliver } = pipelineOf({ clock, delivery, checks });
  await deliver(posted({ body: bodyOf(ofCall('1', bound)) }));
  await deliver(posted({ body: bodyOf(ofCall('2', data)) }));
  expect(addressed).toEqual(['leg', expected]);
});

test('a request of two calls is refused whole where CALL_BINDING is enforced', async () => {
  const { deliver, handled } = deliveries({ CALL_BINDING: 'enforce' });
  expect(await deliver(proof, event('1', 'one'), event('2', 'two'))).toEqual([
    401,
    'reference-of-another-call',
    'rejected',
    undefined,
  ]);
  expect(handled).toEqual([]);
});
