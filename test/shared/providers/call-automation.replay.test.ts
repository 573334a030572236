import { expect, test } from 'vitest';
import type { RuleMode } from '../../../shared/delivery/bindings.ts';
import { callAutomation } from '../../../shared/delivery/call-automation.ts';
import { callBindings } from '../../../shared/delivery/call-bindings.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { Proof } from '../../../shared/verification/check.ts';
import { manualClock } from '../../clock.ts';
import { callEvent, checking, doorOf, posted, REFERENCE } from '../../support/door.ts';

const NOW = 1_800_000_000;
const proof = {
  reference: REFERENCE,
  referenceExpires: NOW + 3600,
  token: { id: 'token-1', unique: true, expires: NOW + 300 },
} satisfies Proof;

const call = (callConnectionId: unknown) => callEvent({ data: { callConnectionId } });
const bodyOf = (...events: readonly unknown[]) => Buffer.from(JSON.stringify(events));

function bindings(
  given: Proof,
  events: readonly unknown[],
  modes: { tokenReuse?: RuleMode; callBinding?: RuleMode } = {},
) {
  const clock = manualClock(NOW);
  const replayRules = callBindings({
    tokenReuse: 'report',
    callBinding: 'report',
    toleranceSeconds: 60,
    clock,
    ...modes,
  });
  const body = bodyOf(...events);
  const parsed = callAutomation.parse(body, {});
  return replayRules(given, body, typeof parsed === 'string' ? [] : parsed.events);
}

test('a token is bound to the body and a reference to the call, each for as long as it opens the door', () => {
  expect(bindings(proof, [call('one')])).toMatchObject([
    { name: 'token:token-1', seconds: 360, conflict: 'token-reused' },
    {
      name: `reference:${REFERENCE}`,
      value: 'one',
      seconds: 3660 + 2 * 86_400,
      conflict: 'reference-of-another-call',
    },
  ]);
});

test.each<[RuleMode, boolean, RuleMode]>([
  ['report', true, 'enforce'],
  ['enforce', true, 'enforce'],
  ['report', false, 'report'],
  ['enforce', false, 'enforce'],
])(
  'with TOKEN_REUSE %s, a token whose jti makes it unique (%s) is held by %s',
  (tokenReuse, unique, mode) => {
    const given = { ...proof, token: { ...proof.token, unique } };
    expect(bindings(given, [call('one')], { tokenReuse })[0]?.mode).toBe(mode);
  },
);

test.each<RuleMode>(['report', 'enforce'])('CALL_BINDING %s is for the reference alone', (callBinding) => {
  const given = { ...proof, token: { ...proof.token, unique: false } };
  expect(bindings(given, [call('one')], { callBinding }).map(({ mode }) => mode)).toEqual([
    'report',
    callBinding,
  ]);
});

test('the value of a token is the body byte for byte', () => {
  const [one, other] = [[call('one')], [call('one'), 1]].map((events) => bindings(proof, events)[0]?.value);
  expect(one).toBeDefined();
  expect(other).not.toBe(one);
  expect(bindings(proof, [call('one')])[0]?.value).toBe(one);
});

test.each([[undefined], [null], [''], [7], [['one']]])(
  'an event that names no call binds none: %j',
  (callConnectionId) => {
    expect(bindings(proof, [call(callConnectionId)])).toHaveLength(1);
  },
);

test('a name of a call that is longer than any, or no text, is bound by its hash', () => {
  const values = ['x'.repeat(1024 * 1024), 'x'.repeat(1025), '\ud800', '\udfff'].map(
    (id) => bindings(proof, [call(id)])[1]?.value,
  );
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  expect(new Set(values).size).toBe(4);
});

test('events of one call bind it once, and events of two calls conflict with one another', () => {
  const values = (...ids: string[]) =>
    bindings(proof, ids.map(call))
      .slice(1)
      .map(({ value }) => value);
  expect(values('one', 'one')).toEqual(['one']);
  expect(values('one', 'two')).toEqual(['one', 'two']);
});

test('without a token or a reference there is nothing to bind', () => {
  expect(bindings({}, [call('one')])).toEqual([]);
});

/** The front door, proved by whatever the test says, on one ledger. */
function door(modes: { tokenReuse?: RuleMode; callBinding?: RuleMode } = {}) {
  const clock = manualClock(NOW);
  const ledger = memoryLedger(clock);
  const handled: unknown[] = [];
  const replayRules = callBindings({
    tokenReuse: 'report',
    callBinding: 'report',
    toleranceSeconds: 60,
    clock,
    ...modes,
  });
  const handlers = { otherwise: ({ id }: { id: string }) => void handled.push(id) };
  return {
    handled,
    async deliver(given: Proof, ...events: readonly unknown[]) {
      const { deliver } = doorOf({
        clock,
        ledger,
        replayRules,
        handlers,
        checks: [checking('proof', () => given)],
      });
      const { status, line } = await deliver(posted({ body: bodyOf(...events) }));
      return [status, line?.reason, line?.verdict, line?.reported];
    },
  };
}
const event = (id: string, callConnectionId = 'one') => callEvent({ id, data: { callConnectionId } });
const ofToken = (id: string, unique = true) => ({ ...proof, token: { ...proof.token, id, unique } });

test('a unique token that comes again with another body is refused, and nothing of it is handled', async () => {
  const { deliver, handled } = door();
  expect(await deliver(ofToken('a'), event('1'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(await deliver(ofToken('a'), event('2'))).toEqual([401, 'token-reused', 'rejected', undefined]);
  expect(await deliver(ofToken('a'), event('1'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(await deliver(ofToken('b'), event('2'))).toEqual([200, undefined, 'accepted', undefined]);
  expect(handled).toEqual(['1', '2']);
});

test('a token without a jti that comes again with another body is reported, and its event is handled', async () => {
  const { deliver, handled } = door();
  await deliver(ofToken('a', false), event('1'));
  expect(await deliver(ofToken('a', false), event('2'))).toEqual([
    200,
    undefined,
    'accepted',
    ['token-reused'],
  ]);
  expect(handled).toEqual(['1', '2']);
});

test('an event of another call under a reference is reported or refused, as the setting says', async () => {
  const reporting = door();
  await reporting.deliver(ofToken('a'), event('1'));
  expect(await reporting.deliver(ofToken('b'), event('2', 'two'))).toEqual([
    200,
    undefined,
    'accepted',
    ['reference-of-another-call'],
  ]);

  const enforcing = door({ callBinding: 'enforce' });
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

test('a request of two calls is refused whole where the binding is enforced', async () => {
  const { deliver, handled } = door({ callBinding: 'enforce' });
  expect(await deliver(proof, event('1', 'one'), event('2', 'two'))).toEqual([
    401,
    'reference-of-another-call',
    'rejected',
    undefined,
  ]);
  expect(handled).toEqual([]);
});
