import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery, VerifiedEvent } from '../../../shared/delivery/endpoint.ts';
import type { CallEventHandlers } from '../../../shared/events/handlers.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import { callEvents } from '../../../shared/providers/call-automation.ts';
import { gridEvents, INCOMING_CALL } from '../../../shared/providers/event-grid/index.ts';
import { isUnsettled, settled } from '../../clock.ts';
import { deliveryOf } from '../../support/endpoints.ts';
import { LEASE_SECONDS, callEvent, checking, pipelineOf, posted } from '../../support/pipeline.ts';
import { startTable, unique } from '../../support/table.ts';
import { received } from '../../support/verdict.ts';
import { held } from './contract.ts';

// Counts the requests of a delivery between the real SDK and Azurite.
const NOW = 1_800_000_000;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** A connected instance. The proxy counts its requests from now on. */
async function instance(handlers?: CallEventHandlers, mode: 'report' | 'enforce' = 'enforce') {
  const { clock, ledger: shared } = table.instance();
  const ledger = twoTierLedger(shared, memoryLedger(clock), 'refuse', clock, () => {});
  await ledger.warm();
  const reference = unique('reference');
  const settings = { TOKEN_REUSE: mode, CALL_BINDING: mode };
  const { replayRules } = deliveryOf('POST /api/callbacks/call-automation', { settings, clock });
  /** Delivers a request with a new token and the same reference. */
  const deliver = (...events: readonly Record<string, unknown>[]) => {
    const token = { id: unique('token'), expires: NOW + 300 };
    const checks = [checking('proof', async () => ({ reference, referenceExpires: NOW + 3600, token }))];
    const delivery = { ...(replayRules && { replayRules }) };
    const sent = pipelineOf({ clock, ledger, delivery, checks, ...(handlers && { handlers }) });
    return sent.deliver(posted({ body: JSON.stringify(events) }));
  };
  const proxy = table.proxy;
  proxy.asked();
  return { clock, ledger, deliver, proxy };
}
const connection = unique('connection');
const event = () =>
  callEvent({
    id: unique('event'),
    source: `calling/callConnections/${connection}`,
    data: { callConnectionId: connection },
  });

test('an event of a known call waits for the table once before its handler and once after it', async () => {
  const handled: unknown[] = [];
  const { deliver, proxy } = await instance({ otherwise: ({ id }: { id: string }) => void handled.push(id) });
  await deliver(event());
  proxy.asked();
  const letGo = proxy.hold();
  const delivered = deliver(event());
  // Token and key are asked for in parallel. The reference is known here.
  await proxy.arrived(2);
  expect([await isUnsettled(delivered), handled.length]).toEqual([true, 1]);
  letGo();
  const letComplete = proxy.hold();
  await proxy.arrived(3);
  expect([await isUnsettled(delivered), handled.length]).toEqual([true, 2]);
  letComplete();
  expect((await delivered).status).toBe(200);
  expect(proxy.asked()).toEqual(['POST ringward', 'POST ringward', 'PUT ringward']);
});

test('while both rules only report, an event costs one insert before its handler and one update after it', async () => {
  const { deliver, proxy } = await instance(undefined, 'report');
  const letGo = proxy.hold();
  const first = deliver(event());
  // The first event of a call also binds the reference, at the same time.
  await proxy.arrived(2);
  expect(await isUnsettled(first)).toBe(true);
  letGo();
  expect((await first).status).toBe(200);
  expect(proxy.asked()).toEqual(['POST ringward', 'POST ringward', 'PUT ringward']);
  expect((await deliver(event())).status).toBe(200);
  expect(proxy.asked()).toEqual(['POST ringward', 'PUT ringward']);
});

test('enforced: the first event of a call looks up its reference in the same round trip, and stores it in another', async () => {
  const { deliver, proxy } = await instance();
  const letGo = proxy.hold();
  const delivered = deliver(event());
  await proxy.arrived(3);
  expect(await isUnsettled(delivered)).toBe(true);
  letGo();
  expect((await delivered).status).toBe(200);
  const asked = proxy.asked();
  expect(asked.slice(0, 3).sort()).toEqual(['GET ringward', 'POST ringward', 'POST ringward']);
  expect(asked.slice(3)).toEqual(['POST ringward', 'PUT ringward']);
});

test('a repeat of an event that this instance handled asks the table only about its token', async () => {
  const { deliver, proxy } = await instance();
  const sent = event();
  await deliver(sent);
  proxy.asked();
  expect((await deliver(sent)).entry?.outcomes).toEqual({ 'handled-before': 1 });
  expect(proxy.asked()).toEqual(['POST ringward']);
});

test('of forty events, sixteen leases are asked for at once', async () => {
  const { deliver, proxy } = await instance();
  await deliver(event());
  proxy.asked();
  const letGo = proxy.hold();
  const delivered = deliver(...Array.from({ length: 40 }, event));
  await proxy.arrived(17);
  await settled();
  expect(proxy.asked()).toEqual(Array(17).fill('POST ringward'));
  letGo();
  expect((await delivered).status).toBe(200);
  const asked = proxy.asked();
  expect(asked.filter((one) => one === 'POST ringward')).toHaveLength(24);
  expect(asked.filter((one) => one === 'PUT ringward')).toHaveLength(40);
});

test('an incoming call acquires its event and its call at the same time, and completes both so', async () => {
  const [topic, serverCallId] = ['/subscriptions/s/topic', unique('call')];
  const incomingCall = () => ({
    id: unique('event'),
    source: topic,
    type: INCOMING_CALL,
    data: { to: { rawId: '4:+3220000000' }, serverCallId },
  });
  const { ledger, proxy } = await instance();
  const acquire = async () => ledger.acquire(parsed(gridEvents(undefined), incomingCall()), LEASE_SECONDS);
  const lease = held(await acquire());
  expect(proxy.asked()).toEqual(['POST ringward', 'POST ringward']);
  await lease.complete();
  expect(proxy.asked()).toEqual(['PUT ringward', 'PUT ringward']);
  expect((await acquire()).state).toBe('done');
  expect(proxy.asked()).toEqual([]);
});

test('an event that another instance holds does not stop the others of its request', async () => {
  const handled: unknown[] = [];
  const { deliver } = await instance({ otherwise: ({ id }: { id: string }) => void handled.push(id) });
  const events = Array.from({ length: 5 }, event);
  const elsewhere = table.instance();
  await elsewhere.ledger.acquire(parsed(callEvents, events[2]), LEASE_SECONDS);
  const { status, entry } = await deliver(...events);
  expect([status, entry?.outcomes]).toEqual([503, { handled: 4, 'delivery-in-progress': 1 }]);
  expect(handled).toEqual([0, 1, 3, 4].map((index) => events[index]?.['id']));
});

test.each([['long'], ['half a character']])(
  'a request with a call id that is %s causes no outage of the table',
  async (what) => {
    const { deliver, ledger } = await instance();
    const callConnectionId = what === 'long' ? 'x'.repeat(100_000) : '\ud800';
    const sent = { ...event(), data: { callConnectionId } };
    expect((await deliver(sent)).status).toBe(200);
    expect((await deliver({ ...sent, id: unique('event') })).status).toBe(200);
    expect((await deliver(event())).entry?.reason).toBe('reference-of-another-call');
    expect(ledger.isAvailable()).toBe(true);
  },
);

/** An event as its sender's provider parses it. */
function parsed({ parse }: Pick<Delivery, 'parse'>, sent: unknown): VerifiedEvent {
  const taken = parse(received({ body: JSON.stringify([sent]) }), {});
  const [first] = typeof taken === 'string' ? [] : taken.events;
  if (!first) throw new Error('no event');
  return first;
}
