import { expect, test } from 'vitest';
import type { IncomingRequest } from '../../../shared/delivery/body.ts';
import type { HandlerContext } from '../../../shared/events/handlers.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/errors.ts';
import type { DeliveryLog } from '../../../shared/telemetry/delivery-log.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { isUnsettled, manualClock } from '../../clock.ts';
import {
  accepting,
  callEvent,
  checking,
  pipelineOf,
  posted,
  REFERENCE,
  TIMEOUT_SECONDS,
} from '../../support/pipeline.ts';

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
  const { deliver } = pipelineOf({ handlers: { otherwise: ({ id }) => void handled.push(id) } });
  const first = await deliver(batch('a', 'b', 'c'));
  expect([first.response, first.entry?.outcomes]).toEqual([{ status: 200 }, { handled: 3 }]);
  const again = await deliver(batch('c', 'd', 'a'));
  expect([again.status, again.entry?.outcomes]).toEqual([200, { 'handled-before': 2, handled: 1 }]);
  expect(handled).toEqual(['a', 'b', 'c', 'd']);
});

test('an event that is in one request twice is handled once', async () => {
  const handled: string[] = [];
  const { deliver } = pipelineOf({ handlers: { otherwise: ({ id }) => void handled.push(id) } });
  const { status, entry } = await deliver(batch('a', 'a'));
  expect([status, entry?.outcomes, handled]).toEqual([200, { handled: 1, 'handled-before': 1 }, ['a']]);
});

test('a handler is told the reference of its call, and the same idempotency key with every attempt', async () => {
  const contexts: HandlerContext[] = [];
  const { deliver } = pipelineOf({
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
  const { status, entry } = await pipelineOf({ handlers: { PlayCompleted: () => {} } }).deliver(posted());
  expect([status, entry?.outcomes]).toEqual([200, { 'no-handler': 1 }]);
});

test('of a batch with a failure the rest is settled, so that the redelivery handles only what failed', async () => {
  const handled: string[] = [];
  let broken = true;
  const { deliver } = pipelineOf({
    handlers: {
      otherwise: ({ id }) => {
        if (id === 'b' && broken) throw new Error('broken');
        handled.push(id);
      },
    },
  });
  const first = await deliver(batch('a', 'b', 'c'));
  expect([first.status, first.entry?.reason, handled]).toEqual([500, 'handler-threw', ['a', 'c']]);
  broken = false;
  expect((await deliver(batch('a', 'b', 'c'))).status).toBe(200);
  expect(handled).toEqual(['a', 'c', 'b']);
});

test('a handler that does not end is answered for at the time-out, and no other delivery starts it again', async () => {
  const work = Promise.withResolvers<void>();
  let begun = 0;
  const { clock, deliver } = pipelineOf({ handlers: { otherwise: () => (begun++, work.promise) } });
  const delivery = deliver(posted());
  await clock.advance(TIMEOUT - 1);
  expect(await isUnsettled(delivery)).toBe(true);
  await clock.advance(1);
  const { response, entry } = await delivery;
  expect(response).toEqual({
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': '5' },
    body: '{"error":"unavailable"}',
  });
  expect(entry?.reason).toBe('handler-timed-out');

  await clock.advance(5 * MINUTE);
  const during = await deliver(posted());
  expect([during.status, during.entry?.reason, begun]).toEqual([503, 'delivery-in-progress', 1]);
  work.resolve();
  await clock.advance(0);
  const after = await deliver(posted());
  expect([after.status, after.entry?.outcomes, begun]).toEqual([200, { 'handled-before': 1 }, 1]);
});

test('at the time-out the events that wait for their turn are not begun', async () => {
  const begun: string[] = [];
  const { clock, deliver } = pipelineOf({
    handlers: { otherwise: ({ id }) => (begun.push(id), id === 'a' ? new Promise(() => {}) : undefined) },
  });
  const delivery = deliver(batch('a', 'b'));
  await clock.advance(TIMEOUT);
  expect((await delivery).entry?.outcomes).toEqual({ 'handler-timed-out': 2 });
  expect(begun).toEqual(['a']);
});

test('the signal of a handler aborts at the time-out of the request, whatever the checks spent before', async () => {
  const clock = manualClock();
  const slow: Check = checking('slow', async () => (await clock.sleep(15_000), {}));
  const signals: AbortSignal[] = [];
  const { deliver } = pipelineOf({
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

test('a sender that retries sooner after a 504 gets that instead of 503', async () => {
  const unavailableStatus = 504;
  const outage = checking('keys', () => Promise.reject(new Outage('keys-unavailable')));
  expect((await pipelineOf({ unavailableStatus, checks: [outage] }).deliver(posted())).status).toBe(504);
  expect((await pipelineOf({ unavailableStatus }).deliver(posted())).status).toBe(200);
});

test('no content type at all passes', async () => {
  const request = posted();
  request.headers.delete('content-type');
  expect((await pipelineOf().deliver(request)).status).toBe(200);
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
  const { response, entry } = await pipelineOf({ checks: [accepting, checking('odd', run)] }).deliver(
    posted(),
  );
  expect([response, entry?.verdict, entry?.reason]).toEqual([unauthorized, 'rejected', 'check-threw']);
});

test('a check that hangs is answered for at the time-out', async () => {
  const { clock, deliver } = pipelineOf({ checks: [checking('hanging', () => new Promise(() => {}))] });
  const delivery = deliver(posted());
  await clock.advance(TIMEOUT - 1);
  expect(await isUnsettled(delivery)).toBe(true);
  await clock.advance(1);
  const { response, entry } = await delivery;
  expect([response, entry?.reason]).toEqual([unauthorized, 'check-threw']);
});

const dripping = () =>
  new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('[')) });

test('a body that arrives slowly leaves the checks and the handler all of their time', async () => {
  const clock = manualClock();
  const slow: Check = checking('slow', async () => (await clock.sleep(TIMEOUT - 1), {}));
  const { deliver } = pipelineOf({
    clock,
    checks: [slow],
    handlers: { otherwise: () => new Promise(() => {}) },
  });
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
  expect(await isUnsettled(delivery)).toBe(true);
  await clock.advance(1);
  expect((await delivery).entry?.reason).toBe('handler-timed-out');
});

test('a body that does not end is answered for after five seconds, and no check has run', async () => {
  let asked = 0;
  const { clock, deliver } = pipelineOf({ checks: [checking('counting', async () => (asked++, {}))] });
  const delivery = deliver({
    ...posted(),
    url: 'https://app.example/',
    headers: new Headers(),
    body: dripping(),
  });
  await clock.advance(READING - 1);
  expect(await isUnsettled(delivery)).toBe(true);
  await clock.advance(1);
  const { response, entry } = await delivery;
  expect([response, entry?.reason, asked]).toEqual([unauthorized, 'body-unreadable', 0]);
});

test('a URL that is none is a refusal', async () => {
  const { response, entry } = await pipelineOf().deliver({
    url: 'no url',
    headers: new Headers(),
    body: null,
  });
  expect([response, entry?.reason]).toEqual([unauthorized, 'check-threw']);
});

const internalError = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"internal error"}',
};
const broken = (): never => {
  throw new Error('broken');
};

test.each<[string, Parameters<typeof pipelineOf>[0]]>([
  ['the parser', { delivery: { parse: broken } }],
  ['the replay rules', { delivery: { replayRules: broken } }],
  ['the choice of a handler', { delivery: { handlerFor: broken } }],
  ['the ledger', { ledger: { ...memoryLedger(manualClock()), acquire: broken } }],
])('after the proof a failure of %s is ours', async (_what, change) => {
  const { response, entry } = await pipelineOf(change).deliver(posted());
  expect([response, entry?.verdict, entry?.reason]).toEqual([internalError, 'accepted', 'delivery-threw']);
});

test("before the proof the same failure is the sender's", async () => {
  const headers = { get: broken };
  const request: IncomingRequest = { ...posted(), url: 'https://app.example/', headers, body: null };
  const { response, entry } = await pipelineOf().deliver(request);
  expect([response, entry?.verdict]).toEqual([unauthorized, 'rejected']);
});

test('a ledger that cannot say is unavailable, whatever it is asked', async () => {
  const full = memoryLedger(manualClock(), 0);
  const { status, entry } = await pipelineOf({ ledger: full }).deliver(posted());
  expect([status, entry?.reason]).toEqual([503, 'ledger-unavailable']);
  const ledger = { ...full, putIfAbsent: () => Promise.reject(new Outage('ledger-unavailable')) };
  const rule = { name: 'n', value: 'v', seconds: 1, mode: 'enforce', conflict: 'token-reused' } as const;
  const bound = await pipelineOf({ ledger, delivery: { replayRules: () => [rule] } }).deliver(posted());
  expect([bound.status, bound.entry?.reason]).toEqual([503, 'ledger-unavailable']);
});

const silent: DeliveryLog = {
  delivery() {},
  handler() {},
  handlerThrew() {},
  handlerCompletedLate() {},
  leaseLost() {},
};

test('a log that throws does not cost the response', async () => {
  const log = { ...silent, delivery: broken };
  expect(await pipelineOf().receive(posted(), log)).toEqual({ status: 200 });
  expect(await pipelineOf({ checks: [checking('no', broken)] }).receive(posted(), log)).toEqual(unauthorized);
});

test('a log that throws while it is told of a handler is no failure of ours, and the event comes again', async () => {
  const log = { ...silent, handlerThrew: broken };
  const { clock, deliver, receive } = pipelineOf({ handlers: { otherwise: broken } });
  await receive(posted(), log);
  await clock.advance(MINUTE);
  expect((await deliver(posted())).entry?.reason).toBe('handler-threw');
});

test('a handler may throw anything at all, and the event comes again', async () => {
  const { clock, deliver } = pipelineOf({
    handlers: {
      otherwise: () => {
        throw Object.create(null);
      },
    },
  });
  expect((await deliver(posted())).entry?.reason).toBe('handler-threw');
  await clock.advance(MINUTE);
  expect((await deliver(posted())).entry?.reason).toBe('handler-threw');
});

test.each(['acquire', 'putIfAbsent'] as const)(
  'a ledger that never answers is answered for at the time-out: %s',
  async (name) => {
    const clock = manualClock();
    const ledger = { ...memoryLedger(clock), [name]: () => new Promise<never>(() => {}) };
    const rule = { name: 'n', value: 'v', seconds: 1, mode: 'enforce', conflict: 'token-reused' } as const;
    const delivery = pipelineOf({ clock, ledger, delivery: { replayRules: () => [rule] } }).deliver(posted());
    await clock.advance(TIMEOUT);
    expect(await isUnsettled(delivery)).toBe(false);
  },
);

test('nothing runs on after the response', async () => {
  const { clock, deliver } = pipelineOf();
  await deliver(posted());
  await pipelineOf({ clock, checks: [checking('no', broken)] }).deliver(posted());
  expect(clock.sleepers()).toBe(0);
});
