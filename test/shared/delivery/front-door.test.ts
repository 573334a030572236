import { expect, test } from 'vitest';
import { callAutomation } from '../../../shared/delivery/call-automation.ts';
import type { IncomingRequest } from '../../../shared/delivery/read-body.ts';
import type { HandlerContext } from '../../../shared/events/handlers.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/errors.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { isPending, manualClock } from '../../clock.ts';
import {
  accepting,
  callEvent,
  checking,
  doorOf,
  posted,
  REFERENCE,
  TIMEOUT_SECONDS,
} from '../../support/door.ts';

const TIMEOUT = TIMEOUT_SECONDS * 1000;
const READING = 5000;
const MINUTE = 60_000;
const unauthorized = {
  status: 401,
  headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer' },
  body: '{"error":"unauthorized"}',
};
const batch = (...ids: readonly string[]) =>
  posted({ body: JSON.stringify(ids.map((id) => callEvent({ id }))) });

test('every event of a request is handled in its order, and then never again', async () => {
  const handled: string[] = [];
  const { deliver } = doorOf({ handlers: { otherwise: ({ id }) => void handled.push(id) } });
  const first = await deliver(batch('a', 'b', 'c'));
  expect([first.answer, first.line?.outcomes]).toEqual([{ status: 200 }, { handled: 3 }]);
  const again = await deliver(batch('c', 'd', 'a'));
  expect([again.status, again.line?.outcomes]).toEqual([200, { 'handled-before': 2, handled: 1 }]);
  expect(handled).toEqual(['a', 'b', 'c', 'd']);
});

test('an event that is in one request twice is handled once', async () => {
  const handled: string[] = [];
  const { deliver } = doorOf({ handlers: { otherwise: ({ id }) => void handled.push(id) } });
  const { status, line } = await deliver(batch('a', 'a'));
  expect([status, line?.outcomes, handled]).toEqual([200, { handled: 1, 'handled-before': 1 }, ['a']]);
});

test('a handler is told the reference of its call, and the same idempotency key with every attempt', async () => {
  const contexts: HandlerContext[] = [];
  const { deliver } = doorOf({
    handlers: {
      CallConnected: (_event, context) => {
        contexts.push(context);
        context.log(`attempt ${contexts.length}`);
        if (contexts.length === 1) throw new Error('broken');
      },
    },
  });
  const first = await deliver(posted());
  const second = await deliver(posted());
  expect([first.status, second.status]).toEqual([500, 200]);
  expect(contexts.map(({ reference }) => reference)).toEqual([REFERENCE, REFERENCE]);
  expect(contexts[0]?.idempotencyKey).toMatch(/^call-automation:/);
  expect(contexts[1]?.idempotencyKey).toBe(contexts[0]?.idempotencyKey);
  expect(first.messages[0]).toEqual({ level: 'info', message: 'attempt 1' });
});

test('events that nobody handles are answered 200', async () => {
  const { status, line } = await doorOf({ handlers: { PlayCompleted: () => {} } }).deliver(posted());
  expect([status, line?.outcomes]).toEqual([200, { 'no-handler': 1 }]);
});

test('of a batch with a failure the rest is settled, so that the redelivery handles only what failed', async () => {
  const handled: string[] = [];
  let broken = true;
  const { deliver } = doorOf({
    handlers: {
      otherwise: ({ id }) => {
        if (id === 'b' && broken) throw new Error('broken');
        handled.push(id);
      },
    },
  });
  const first = await deliver(batch('a', 'b', 'c'));
  expect([first.status, first.line?.reason, handled]).toEqual([500, 'handler-threw', ['a', 'c']]);
  broken = false;
  expect((await deliver(batch('a', 'b', 'c'))).status).toBe(200);
  expect(handled).toEqual(['a', 'c', 'b']);
});

test('a handler that does not end is answered for at the time-out, and no other delivery starts it again', async () => {
  const work = Promise.withResolvers<void>();
  let begun = 0;
  const { clock, deliver } = doorOf({ handlers: { otherwise: () => (begun++, work.promise) } });
  const delivery = deliver(posted());
  await clock.advance(TIMEOUT - 1);
  expect(await isPending(delivery)).toBe(true);
  await clock.advance(1);
  const { answer, line } = await delivery;
  expect(answer).toEqual({
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '5' },
    body: '{"error":"unavailable"}',
  });
  expect(line?.reason).toBe('handler-timed-out');

  await clock.advance(5 * MINUTE);
  const during = await deliver(posted());
  expect([during.status, during.line?.reason, begun]).toEqual([503, 'delivery-in-progress', 1]);
  work.resolve();
  await clock.advance(0);
  const after = await deliver(posted());
  expect([after.status, after.line?.outcomes, begun]).toEqual([200, { 'handled-before': 1 }, 1]);
});

test('at the time-out the events that wait for their turn are not begun', async () => {
  const begun: string[] = [];
  const { clock, deliver } = doorOf({
    handlers: { otherwise: ({ id }) => (begun.push(id), id === 'a' ? new Promise(() => {}) : undefined) },
  });
  const delivery = deliver(batch('a', 'b'));
  await clock.advance(TIMEOUT);
  expect((await delivery).line?.outcomes).toEqual({ 'handler-timed-out': 2 });
  expect(begun).toEqual(['a']);
});

test('the signal of a handler aborts at the time-out of the request, whatever the checks spent before', async () => {
  const clock = manualClock();
  const slow: Check = checking('slow', async () => (await clock.sleep(15_000), {}));
  const signals: AbortSignal[] = [];
  const { deliver } = doorOf({
    clock,
    checks: [slow],
    handlers: { otherwise: (_event, { signal }) => (signals.push(signal), new Promise(() => {})) },
  });
  const delivery = deliver(posted());
  await clock.advance(TIMEOUT - 1);
  expect(signals[0]?.aborted).toBe(false);
  await clock.advance(1);
  expect([signals[0]?.aborted, (await delivery).status]).toEqual([true, 503]);
});

test('where a call rings, the sender is told 504 instead of 503', async () => {
  const provider = { ...callAutomation, unavailableStatus: 504 as const };
  const outage = checking('keys', () => Promise.reject(new Outage('keys-unavailable')));
  expect((await doorOf({ provider, checks: [outage] }).deliver(posted())).status).toBe(504);
  expect((await doorOf({ provider }).deliver(posted())).status).toBe(200);
});

test('no content type at all passes', async () => {
  const request = posted();
  request.headers.delete('content-type');
  expect((await doorOf().deliver(request)).status).toBe(200);
});

test.each<[string, Check['run']]>([
  [
    'throws',
    () => {
      throw new Error('surprise');
    },
  ],
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['returns nothing', () => undefined as never],
])('a check that %s is a refusal like any other', async (_what, run) => {
  const { answer, line } = await doorOf({ checks: [accepting, checking('odd', run)] }).deliver(posted());
  expect([answer, line?.verdict, line?.reason]).toEqual([unauthorized, 'rejected', 'check-threw']);
});

test('a check that hangs is answered for at the time-out', async () => {
  const { clock, deliver } = doorOf({ checks: [checking('hanging', () => new Promise(() => {}))] });
  const delivery = deliver(posted());
  await clock.advance(TIMEOUT - 1);
  expect(await isPending(delivery)).toBe(true);
  await clock.advance(1);
  const { answer, line } = await delivery;
  expect([answer, line?.reason]).toEqual([unauthorized, 'check-threw']);
});

const dripping = () =>
  new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('[')) });

test('a body that arrives slowly leaves the checks and the handler all of their time', async () => {
  const clock = manualClock();
  const slow: Check = checking('slow', async () => (await clock.sleep(TIMEOUT - 1), {}));
  const { deliver } = doorOf({ clock, checks: [slow], handlers: { otherwise: () => new Promise(() => {}) } });
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await clock.sleep(READING - 1);
      controller.enqueue(Buffer.from(JSON.stringify([callEvent()])));
      controller.close();
    },
  });
  const headers = new Headers();
  const delivery = deliver({ url: 'https://app.example/', headers, body });
  await clock.advance(READING - 1 + TIMEOUT - 1);
  expect(await isPending(delivery)).toBe(true);
  await clock.advance(1);
  expect((await delivery).line?.reason).toBe('handler-timed-out');
});

test('a body that does not end is answered for after five seconds, and no check has run', async () => {
  let asked = 0;
  const { clock, deliver } = doorOf({ checks: [checking('counting', async () => (asked++, {}))] });
  const delivery = deliver({
    ...posted(),
    url: 'https://app.example/',
    headers: new Headers(),
    body: dripping(),
  });
  await clock.advance(READING - 1);
  expect(await isPending(delivery)).toBe(true);
  await clock.advance(1);
  const { answer, line } = await delivery;
  expect([answer, line?.reason, asked]).toEqual([unauthorized, 'body-unreadable', 0]);
});

test('a URL that is none is a refusal', async () => {
  const { answer, line } = await doorOf().deliver({ url: 'no url', headers: new Headers(), body: null });
  expect([answer, line?.reason]).toEqual([unauthorized, 'check-threw']);
});

const internalError = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"internal error"}',
};
const broken = (): never => {
  throw new Error('broken');
};

test.each<[string, Parameters<typeof doorOf>[0]]>([
  ['the parser', { provider: { ...callAutomation, parse: broken } }],
  ['the bindings', { replayRules: broken }],
  ['the choice of a handler', { handlerFor: broken }],
  ['the ledger', { ledger: { ...memoryLedger(manualClock()), acquire: broken } }],
])('after the proof a failure of %s is ours', async (_what, change) => {
  const { answer, line } = await doorOf(change).deliver(posted());
  expect([answer, line?.verdict, line?.reason]).toEqual([internalError, 'accepted', 'delivery-threw']);
});

test("before the proof the same failure is the sender's", async () => {
  const headers = { get: broken };
  const request: IncomingRequest = { ...posted(), url: 'https://app.example/', headers, body: null };
  const { answer, line } = await doorOf().deliver(request);
  expect([answer, line?.verdict]).toEqual([unauthorized, 'rejected']);
});

test('a ledger that cannot say is unavailable, whatever it is asked', async () => {
  const full = memoryLedger(manualClock(), 0);
  const { status, line } = await doorOf({ ledger: full }).deliver(posted());
  expect([status, line?.reason]).toEqual([503, 'ledger-unavailable']);
  const ledger = { ...full, putIfAbsent: () => Promise.reject(new Outage('ledger-unavailable')) };
  const binding = { name: 'n', value: 'v', seconds: 1, mode: 'enforce', conflict: 'token-reused' } as const;
  const bound = await doorOf({ ledger, replayRules: () => [binding] }).deliver(posted());
  expect([bound.status, bound.line?.reason]).toEqual([503, 'ledger-unavailable']);
});

test('a log that throws does not cost the answer', async () => {
  const log = { delivery: broken, handler: () => {}, handlerThrew: () => {} };
  expect(await doorOf().deliverTo(posted(), log)).toEqual({ status: 200 });
  expect(await doorOf({ checks: [checking('no', broken)] }).deliverTo(posted(), log)).toEqual(unauthorized);
});

test('a log that throws while it is told of a handler is no failure of ours, and the event comes again', async () => {
  const log = { delivery: () => {}, handler: () => {}, handlerThrew: broken };
  const { clock, deliver, deliverTo } = doorOf({ handlers: { otherwise: broken } });
  await deliverTo(posted(), log);
  await clock.advance(MINUTE);
  expect((await deliver(posted())).line?.reason).toBe('handler-threw');
});

test('a handler may throw anything at all, and the event comes again', async () => {
  const { clock, deliver } = doorOf({
    handlers: {
      otherwise: () => {
        throw Object.create(null);
      },
    },
  });
  expect((await deliver(posted())).line?.reason).toBe('handler-threw');
  await clock.advance(MINUTE);
  expect((await deliver(posted())).line?.reason).toBe('handler-threw');
});

test.each(['acquire', 'putIfAbsent'] as const)(
  'a ledger that never answers is answered for at the time-out: %s',
  async (name) => {
    const clock = manualClock();
    const ledger = { ...memoryLedger(clock), [name]: () => new Promise<never>(() => {}) };
    const binding = { name: 'n', value: 'v', seconds: 1, mode: 'enforce', conflict: 'token-reused' } as const;
    const delivery = doorOf({ clock, ledger, replayRules: () => [binding] }).deliver(posted());
    await clock.advance(TIMEOUT);
    expect(await isPending(delivery)).toBe(false);
  },
);

test('nothing runs on after the answer', async () => {
  const { clock, deliver } = doorOf();
  await deliver(posted());
  await doorOf({ clock, checks: [checking('no', broken)] }).deliver(posted());
  expect(clock.sleepers()).toBe(0);
});
