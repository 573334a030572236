import { expect, test, vi } from 'vitest';
import { createPipeline } from '../../../shared/delivery/pipeline.ts';
import type { IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import type { CallHandlers } from '../../../shared/events/handlers.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { manualClock } from '../../clock.ts';
import { endpointOf } from '../../support/endpoints.ts';
import { capturedLog } from '../../support/log.ts';

const KEY = 'the shared key of the tests';
const settings = { EVENT_GRID_KEY_SECRET: 'event-grid-key', SECRET_EVENT_GRID_KEY: KEY };
const KIB = 1024;

function route(calls: CallHandlers = {}) {
  const clock = manualClock();
  const endpoint = endpointOf('POST /api/events/incoming-call', { settings, handlers: { calls }, clock });
  const receive = createPipeline(endpoint, {
    ledger: memoryLedger(clock),
    leaseSeconds: 8,
    timeoutSeconds: 20,
    clock,
  });
  return async function deliver(body: string | null, headers: Record<string, string> = {}) {
    const captured = capturedLog();
    const request = new Request('https://app.example/api/events/incoming-call', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ringward-key': KEY },
      ...(body !== null && { body }),
    });
    const all = new Headers([...request.headers, ...Object.entries(headers)]);
    const { status } = await receive({ url: request.url, headers: all, body: request.body }, captured.log);
    return { status, entry: captured.entries()[0], ...captured };
  };
}

const ringing = (id: string, change: object = {}) => ({
  id,
  topic: '/subscriptions/s/resourceGroups/g',
  eventType: 'Microsoft.Communication.IncomingCall',
  data: { serverCallId: id, to: { rawId: '8:acs:a' }, incomingCallContext: 'secret' },
  ...change,
});

test('a batch of up to 1.5 MiB is handled: Event Grid escapes characters again, and a refusal is final', async () => {
  const deliver = route();
  const batch = JSON.stringify([ringing('1')]);
  expect((await deliver(batch.padEnd(1536 * KIB))).status).toBe(200);
  expect((await deliver(batch.padEnd(1536 * KIB + 1))).status).toBe(413);
});

test('a subscribed type without a handler is named once in the log, and nothing else that the sender wrote', async () => {
  const noted: string[] = [];
  const spy = vi.spyOn(console, 'warn').mockImplementation((line) => void noted.push(line));
  try {
    const deliver = route({ incoming: () => {} });
    const sms = { eventType: 'Microsoft.Communication.SMSReceived' };
    const odd = { eventType: 'no type, but text of +15550100' };
    await deliver(JSON.stringify([ringing('1', sms), ringing('2', sms), ringing('3')]));
    const { status, entry } = await deliver(JSON.stringify([ringing('4', sms), ringing('5', odd)]));
    expect([status, entry?.outcomes]).toEqual([200, { 'no-handler': 2 }]);
    await route()(JSON.stringify([ringing('6')]));
    const many = Array.from({ length: 100 }, (_, index) => ringing(`n${index}`, { eventType: `T${index}` }));
    await deliver(JSON.stringify(many));
  } finally {
    spy.mockRestore();
  }
  const notes = noted.map((line) => JSON.parse(line) as { ringward: string; type: string });
  const ours = notes.filter(({ ringward }) => ringward === 'event-type-without-handler');
  expect(ours.slice(0, 3).map(({ type }) => type)).toEqual([
    'Microsoft.Communication.SMSReceived',
    'other',
    'Microsoft.Communication.IncomingCall',
  ]);
  expect(ours.length).toBeLessThanOrEqual(21);
  expect(noted.join()).not.toContain('15550100');
});

test('the same event twice in one batch is handled once, and the batch is answered 200', async () => {
  const begun: string[] = [];
  const work = Promise.withResolvers<void>();
  const deliver = route({ incoming: ({ id }: IncomingCallEvent) => (begun.push(id), work.promise) });
  const batch = deliver(JSON.stringify([ringing('1'), ringing('2'), ringing('1'), ringing('1')]));
  await expect.poll(() => begun).toEqual(['1', '2']);
  work.resolve();
  const { status, entry } = await batch;
  expect([status, entry?.outcomes, begun]).toEqual([200, { handled: 2, 'handled-before': 2 }, ['1', '2']]);
});

test('a repeat in one batch takes the outcome of the first: a handler that throws runs once', async () => {
  let begun = 0;
  const deliver = route({
    incoming() {
      begun++;
      throw new Error('broken');
    },
  });
  const batch = JSON.stringify([ringing('1'), ringing('1')]);
  const { status, entry } = await deliver(batch);
  expect([status, entry?.outcomes, begun]).toEqual([500, { 'handler-threw': 2 }, 1]);
  await deliver(batch);
  expect(begun).toBe(2);
});

test('of a batch the events of use are handled, and the others are counted in the log', async () => {
  const handled: string[] = [];
  const deliver = route({ incoming: ({ id }: IncomingCallEvent) => void handled.push(id) });
  const useless = [ringing('2', { data: null }), ringing('3', { data: ['secret'] }), ringing('')];
  const some = await deliver(JSON.stringify([...useless, ringing('1')]));
  expect([some.status, some.entry?.outcomes, handled]).toEqual([200, { unusable: 3, handled: 1 }, ['1']]);
  const none = await deliver(JSON.stringify(useless));
  expect([none.status, none.entry?.reason]).toEqual([400, 'no-events']);
});
