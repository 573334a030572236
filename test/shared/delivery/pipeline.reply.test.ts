import { expect, test } from 'vitest';
import type { Reply } from '../../../shared/delivery/endpoint.ts';
import { MAX_REPLY_BYTES } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { isUnsettled, manualClock } from '../../clock.ts';
import { checking, LEASE_SECONDS, pipelineOf, posted } from '../../support/pipeline.ts';

const WAIT_SECONDS = 5;
const CUT_OFF_MS = (WAIT_SECONDS - 1) * 1000;

/** A sender that acts on the response: a list of words in JSON, or an empty one. */
const reply: Reply = {
  waitSeconds: WAIT_SECONDS,
  contentType: 'application/json',
  serialize(returned = []) {
    if (!Array.isArray(returned)) throw new TypeError('the handler must return a list');
    return JSON.stringify(returned);
  },
};
type Handler = (signal: AbortSignal) => unknown;

/** Instances of one app, with one ledger. */
function instances(clock = manualClock()) {
  const ledger = memoryLedger(clock);
  return {
    clock,
    ledger,
    instance: (handler?: Handler, changed: Parameters<typeof pipelineOf>[0] = {}) =>
      pipelineOf({
        clock,
        ledger,
        handlers: handler ? { otherwise: (_event, { signal }) => handler(signal) } : {},
        ...changed,
        delivery: { reply, ...changed.delivery },
      }),
  };
}

const withBody = (body: string) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body,
});
const never = (): never => {
  throw new Error('it ran again');
};

test('what the handler returns is the body, and a repeat gets the same from any instance', async () => {
  const { instance } = instances();
  const first = await instance(async () => ['talk', 'é']).deliver(posted());
  expect(first.response).toEqual(withBody('["talk","é"]'));
  const again = await instance(never).deliver(posted());
  expect([again.response, again.entry?.outcomes]).toEqual([first.response, { 'handled-before': 1 }]);
});

test.each<[string, Handler | undefined]>([
  ['a handler that returns nothing', () => {}],
  ['no handler', undefined],
])('with %s the response is the empty reply of the sender', async (_what, handler) => {
  const { instance } = instances();
  expect((await instance(handler).deliver(posted())).response).toEqual(withBody('[]'));
});

test('a repeat whose reply is not kept any more gets the empty one', async () => {
  const { clock, instance } = instances();
  await instance(() => ['talk']).deliver(posted());
  await clock.advance(3_601_000);
  const { response, entry } = await instance(never).deliver(posted());
  expect([response, entry?.outcomes]).toEqual([withBody('[]'), { 'handled-before': 1 }]);
});

test('an empty text is a response without a body', async () => {
  const { instance } = instances();
  const silent = { ...reply, serialize: () => '' };
  const { response } = await instance(() => {}, { delivery: { reply: silent } }).deliver(posted());
  expect(response).toEqual({ status: 200 });
});

test('a sender that ignores the response gets nothing of what a handler returns', async () => {
  const { deliver } = pipelineOf({ handlers: { otherwise: () => ['talk'] } });
  expect((await deliver(posted())).response).toEqual({ status: 200 });
});

const circular: unknown[] = [];
circular.push(circular);

test.each<[string, unknown, RegExp]>([
  ['that is none', 'talk', /must return a list/],
  ['that cannot be written', circular, /circular/],
  ['that is too long by one byte', ['x'.repeat(MAX_REPLY_BYTES - 3)], /at most 16 KiB/],
])('a reply %s is an error of the handler, and the event is free', async (_what, returned, why) => {
  const { instance } = instances();
  const { status, entry, text } = await instance(() => returned).deliver(posted());
  expect([status, entry?.reason]).toEqual([500, 'handler-threw']);
  expect(text()).toMatch(why);
  expect((await instance(() => ['talk']).deliver(posted())).response).toEqual(withBody('["talk"]'));
});

test('a reply of 16 KiB is kept', async () => {
  const { instance } = instances();
  const longest = ['x'.repeat(MAX_REPLY_BYTES - 4)];
  await instance(() => longest).deliver(posted());
  const { response } = await instance(never).deliver(posted());
  expect(response).toEqual(withBody(JSON.stringify(longest)));
});

/** A handler that heeds nothing and returns when the test says. */
function running(): { handler: Handler; end: (returned: unknown) => void; signals: AbortSignal[] } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const signals: AbortSignal[] = [];
  return { handler: (signal) => (signals.push(signal), promise), end: resolve, signals };
}

test('the handler is cut off a second before the sender gives up, and its late reply serves the repeat', async () => {
  const { clock, instance } = instances();
  const { handler, end, signals } = running();
  const delivery = instance(handler).deliver(posted());
  await clock.advance(CUT_OFF_MS - 1);
  expect([signals[0]?.aborted, await isUnsettled(delivery)]).toEqual([false, true]);
  await clock.advance(1);
  const { response, entry } = await delivery;
  expect([response.status, response.headers?.['retry-after'], entry?.reason]).toEqual([
    503,
    '5',
    'handler-timed-out',
  ]);
  expect(signals[0]?.aborted).toBe(true);
  end(['late']);
  await clock.advance(0);
  expect((await instance(never).deliver(posted())).response).toEqual(withBody('["late"]'));
});

test('the checks use up the time of the sender', async () => {
  const clock = manualClock();
  const slow = checking('slow', async () => (await clock.sleep(3000), {}));
  const { instance } = instances(clock);
  const { handler, signals } = running();
  const delivery = instance(handler, { checks: [slow] }).deliver(posted());
  await clock.advance(CUT_OFF_MS - 1);
  expect([signals.length, await isUnsettled(delivery)]).toEqual([1, true]);
  await clock.advance(1);
  expect((await delivery).entry?.reason).toBe('handler-timed-out');
});

test('a repeat waits for the reply of the attempt that is running on another instance', async () => {
  const { clock, instance } = instances();
  const { handler, end } = running();
  const first = instance(handler).deliver(posted());
  await clock.advance(0);
  const repeat = instance(never).deliver(posted());
  await clock.advance(3000);
  expect(await isUnsettled(repeat)).toBe(true);
  end(['talk']);
  await clock.advance(250);
  expect([(await first).response, (await repeat).response]).toEqual([
    withBody('["talk"]'),
    withBody('["talk"]'),
  ]);
});

test('a repeat that waited as long as its sender waits gets 503', async () => {
  const { clock, instance } = instances();
  const first = instance(running().handler).deliver(posted());
  await clock.advance(1000);
  const repeat = instance(never).deliver(posted());
  await clock.advance(CUT_OFF_MS - 1);
  expect((await first).status).toBe(503);
  expect(await isUnsettled(repeat)).toBe(true);
  await clock.advance(1);
  const { response, entry } = await repeat;
  expect([response.status, response.headers?.['retry-after'], entry?.reason]).toEqual([
    503,
    '5',
    'delivery-in-progress',
  ]);
});

test('a repeat whose first attempt fails meanwhile runs the handler itself', async () => {
  const { clock, instance } = instances();
  const { handler, end } = running();
  const first = instance(handler).deliver(posted());
  await clock.advance(0);
  const repeat = instance(() => ['second']).deliver(posted());
  end('no list');
  await clock.advance(250);
  expect([(await first).status, (await repeat).response]).toEqual([500, withBody('["second"]')]);
});

test('a repeat of an attempt whose instance crashed runs the handler when its lease has expired', async () => {
  const { clock, instance } = instances();
  // Its own time stands still, so it renews nothing.
  void instance(running().handler, { clock: manualClock() }).deliver(posted());
  await clock.advance(LEASE_SECONDS * 1000 - 1000);
  const repeat = instance(() => ['second']).deliver(posted());
  await clock.advance(750);
  expect(await isUnsettled(repeat)).toBe(true);
  await clock.advance(500);
  expect((await repeat).response).toEqual(withBody('["second"]'));
});

test('a repeat to a sender that ignores the response does not wait', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const { handler } = running();
  const of = (run: Handler) =>
    pipelineOf({ clock, ledger, handlers: { otherwise: (_e, { signal }) => run(signal) } });
  void of(handler).deliver(posted());
  await clock.advance(0);
  expect((await of(never).deliver(posted())).entry?.reason).toBe('delivery-in-progress');
});

test('a GET brings its events without a body, however it says that it has one', async () => {
  const { instance } = instances();
  const parse = () => ({ events: [{ key: 'key', type: 'answer' }], unusable: 0 });
  const delivery = { parse, handlerFor: () => () => ['talk'] } as never;
  const get = instance(undefined, { method: 'GET', delivery });
  const request = new Request('https://app.example/?from=1', { headers: { 'transfer-encoding': 'chunked' } });
  expect((await get.deliver(request)).response).toEqual(withBody('["talk"]'));
});
