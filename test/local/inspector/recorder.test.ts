import { expect, onTestFinished, test, vi } from 'vitest';
import { recorder } from '../../../local/inspector/recorder.ts';
import type { Recorder } from '../../../local/inspector/recorder.ts';
import { detail, summary } from '../../../local/inspector/serialize.ts';

const limits = { deliveries: 20, bytes: 100_000, body: 10_000 };

function deliver(
  to: Recorder,
  { body = '[]', invocation = '', path = '/api/callbacks/call-automation' } = {},
) {
  const delivery = to.begin({ method: 'POST', target: path, headers: [], upgrade: false });
  to.arrived(delivery, Buffer.from(body), body.length);
  const headers = invocation ? ([['x-ms-invocation-id', invocation]] as const) : [];
  to.answered(delivery, 200, 1, { headers, body: Buffer.alloc(0) });
  return delivery;
}

const line = (more: object = {}) =>
  JSON.stringify({
    delivery: 'call-automation',
    verdict: 'accepted',
    status: 200,
    checks: {},
    stages: {},
    ...more,
  });

test('beyond the number that is kept, the oldest are forgotten', () => {
  const kept = recorder(limits);
  for (let times = 0; times < 50; times++) deliver(kept);
  expect(kept.size()).toBe(20);
  expect(kept.lowest()).toBe(31);
  expect(kept.get(30)).toBeUndefined();
  expect(kept.after(0).map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => index + 31));
});

test('beyond the bytes that are kept, the oldest bodies go first', () => {
  const kept = recorder(limits);
  for (let times = 0; times < 15; times++) deliver(kept, { body: 'x'.repeat(9000) });
  expect(kept.size()).toBe(15);
  expect(kept.bytes()).toBeLessThanOrEqual(limits.bytes);
  expect(kept.get(1)).toMatchObject({ body: undefined, bytes: 9000, cut: true });
  expect(kept.get(15)).toMatchObject({ cut: false });
});

test('and when there are no bodies left, the oldest deliveries', () => {
  const kept = recorder({ ...limits, bytes: 10_000 });
  for (let times = 0; times < 15; times++) deliver(kept);
  expect(kept.bytes()).toBeLessThanOrEqual(10_000);
  expect(kept.lowest()).toBeGreaterThan(1);
});

test('what is logged counts, and a handler that logs for ever is cut short', () => {
  const kept = recorder(limits);
  const delivery = deliver(kept, { invocation: 'one' });
  for (let times = 0; times < 1000; times++)
    kept.logged({ invocation: 'one', level: 'information', message: 'said' });
  expect(delivery.logs).toHaveLength(200);
  expect(kept.bytes()).toBeGreaterThan(200 * 64);
});

test('what is logged belongs to its delivery, whether it comes before the answer or long after it', () => {
  const kept = recorder(limits);
  kept.logged({ invocation: 'one', level: 'information', message: 'before' });
  kept.logged({ invocation: 'one', level: 'information', message: line() });
  const delivery = deliver(kept, { invocation: 'one' });
  kept.logged({ invocation: 'one', level: 'information', message: 'after' });
  expect(delivery.logs.map(({ message }) => message)).toEqual(['before', 'after']);
  expect(summary(delivery).verdict).toBe('accepted');
});

test('lines that nobody claims do not add up', () => {
  const kept = recorder(limits);
  for (let times = 0; times < 2000; times++)
    kept.logged({ invocation: `${times}`, level: 'information', message: 'of the health' });
  expect(deliver(kept, { invocation: '0' }).logs).toEqual([]);
  expect(deliver(kept, { invocation: '1999' }).logs).toHaveLength(1);
});

test('deliveries of a call are found by each of its names, and only those that were proved', () => {
  const kept = recorder(limits);
  const event = (data: object) => JSON.stringify([{ data }]);
  kept.logged({ invocation: 'one', level: 'information', message: line() });
  deliver(kept, { invocation: 'one', body: event({ serverCallId: 's', correlationId: 'c' }) });
  kept.logged({ invocation: 'two', level: 'information', message: line() });
  deliver(kept, { invocation: 'two', body: event({ callConnectionId: 'id', serverCallId: 's' }) });
  kept.logged({ invocation: 'three', level: 'warning', message: line({ verdict: 'rejected' }) });
  deliver(kept, { invocation: 'three', body: event({ callConnectionId: 'id', serverCallId: 's' }) });
  for (const name of ['s', 'c', 'id']) expect(kept.call(name)?.deliveries).toEqual([1, 2]);
});

test('a check that was not reached is shown in its place', () => {
  const kept = recorder(limits);
  const rejected = {
    verdict: 'rejected',
    reason: 'callback-key-missing',
    status: 401,
    checks: { zeroth: 2, first: 1 },
  };
  kept.logged({ invocation: 'one', level: 'warning', message: line(rejected) });
  const shown = detail(deliver(kept, { invocation: 'one' }), () => ['zeroth', 'first', 'second'], kept.get);
  expect(shown.checks).toEqual([
    { name: 'zeroth', outcome: 'accepted', milliseconds: 2 },
    { name: 'first', outcome: 'rejected', milliseconds: 1 },
    { name: 'second', outcome: 'not-reached' },
  ]);
  expect(shown.explained).toBe('the URI carries no callback key');
});

test.each([
  ['handler-threw', true],
  ['handler-timed-out', true],
  ['ledger-unavailable', true],
  ['handled', undefined],
  ['handled-before', undefined],
  ['no-handler', undefined],
])('a verified delivery with the outcome %s has failed: %s', (outcome, failed) => {
  const kept = recorder(limits);
  kept.logged({
    invocation: 'one',
    level: 'error',
    message: line({ outcomes: { handled: 1, [outcome]: 1 } }),
  });
  expect(summary(deliver(kept, { invocation: 'one' })).failed).toBe(failed);
});

test('a socket has failed once its handler has thrown', () => {
  const kept = recorder(limits);
  const delivery = deliver(kept, { path: '/media' });
  kept.entry(delivery, JSON.parse(line({ status: 101 })));
  kept.socket(delivery, { closedAt: 1, facts: { cause: 'peer-closed' } });
  expect(summary(delivery)).not.toHaveProperty('failed');
  kept.socket(delivery, { closedAt: 1, facts: { cause: 'handler-threw' } });
  expect(summary(delivery)).toMatchObject({ verdict: 'accepted', failed: true });
});

test.each([
  [{ callerDisplayName: 'Ada Caller', from: { rawId: '4:+1555' } }, 'Ada Caller'],
  [{ callerDisplayName: '', from: { rawId: '4:+1555', phoneNumber: { value: '+1555' } } }, '+1555'],
  [{ from: { rawId: '8:acs:somebody' } }, '8:acs:somebody'],
  [{ callerDisplayName: 7 }, undefined],
])('the caller of a verified call is its name, else its number: %j', (data, caller) => {
  const kept = recorder(limits);
  const path = '/api/events/incoming-call';
  const body = JSON.stringify([{ data: { serverCallId: 's', ...data } }]);
  expect(summary(deliver(kept, { path, body })).caller).toBeUndefined();
  kept.logged({ invocation: 'one', level: 'information', message: line() });
  expect(summary(deliver(kept, { path, body, invocation: 'one' })).caller).toBe(caller);
});

test('what no function was asked about has no verdict to wait for', () => {
  expect(summary(deliver(recorder(limits), { path: '/nothing' })).verdict).toBe('none');
});

test('the log entry of a delivery is waited for, and not for ever where its process has crashed', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const kept = recorder(limits);
  const [told, untold] = [deliver(kept, { invocation: 'a' }), deliver(kept, { invocation: 'b' })];
  const both = [kept.entryOf(told.id), kept.entryOf(untold.id)];
  kept.logged({ invocation: 'a', level: 'information', message: line() });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await Promise.all(both)).toEqual([expect.objectContaining({ verdict: 'accepted' }), undefined]);
});

test.each([
  ['only begins like an entry', '{"delivery":'],
  ['is another object', '{"delivery":{}}'],
  [
    'has a verdict of its own',
    '{"delivery":"a","verdict":"\\u001b[2J","status":200,"checks":{},"stages":{}}',
  ],
  ['has a reason that is no text', line({ reason: { toString: 0 } })],
  ['has a reference that is no text', line({ reference: { toString: 0 } })],
])('what a handler writes is no log entry where it %s', (_what, message) => {
  const kept = recorder(limits);
  const delivery = deliver(kept, { invocation: 'one' });
  kept.logged({ invocation: 'one', level: 'information', message });
  expect(delivery.entry).toBeUndefined();
  expect(kept.writtenBy(delivery.id)).toEqual([message]);
});
