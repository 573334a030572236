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
async function instance(handlers?: CallEventHandlers) {
  const { clock, ledger: shared } = table.instance();
  const ledger = twoTierLedger(shared, memoryLedger(clock), 'refuse', clock);
  await ledger.warm();
  const reference = unique('reference');
  const settings = { TOKEN_REUSE: 'enforce', CALL_BINDING: 'enforce' };
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
  expect(proxy.asked()).toEqual(Array(3).fill('transaction of 1'));
});

test('the first event of a call looks up its reference in the same round trip, and stores it in another', async () => {
  const { deliver, proxy } = await instance();
  const letGo = proxy.hold();
  const delivered = deliver(event());
  await proxy.arrived(3);
  expect(await isUnsettled(delivered)).toBe(true);
  letGo();
  expect((await delivered).status).toBe(200);
  const asked = proxy.asked();
  expect(asked.slice(0, 3).sort()).toEqual(['GET ringward', 'transaction of 1', 'transaction of 1']);
  expect(asked.slice(3)).toEqual(['transaction of 1', 'transaction of 1']);
});

test('a repeat of an event that this instance handled asks the table only about its token', async () => {
  const { deliver, proxy } = await instance();
  const sent = event();
  await deliver(sent);
  proxy.asked();
  expect((await deliver(sent)).entry?.outcomes).toEqual({ 'handled-before': 1 });
  expect(proxy.asked()).toEqual(['transaction of 1']);
});

test('forty events of one call are acquired in one transaction', async () => {
  const { deliver, proxy } = await instance();
  await deliver(event());
  proxy.asked();
  const letGo = proxy.hold();
  const delivered = deliver(...Array.from({ length: 40 }, event));
  await proxy.arrived(2);
  letGo();
  expect((await delivered).status).toBe(200);
  const asked = proxy.asked();
  expect(asked.slice(0, 2).sort()).toEqual(['transaction of 1', 'transaction of 40']);
  // The handlers run in order, so each event is completed by itself.
  expect(asked.slice(2)).toEqual(Array(40).fill('transaction of 1'));
});

test('the leases of forty events are renewed and completed together', async () => {
  const { clock, ledger, proxy } = await instance();
  const keys = Array.from({ length: 40 }, () => ({ key: unique(), partition: connection }));
  const leases = (await Promise.all(keys.map((key) => ledger.acquire(key, LEASE_SECONDS)))).map(held);
  expect(proxy.asked()).toEqual(['transaction of 40']);
  await clock.advance(2000);
  await Promise.all(leases.map((lease) => lease.renew()));
  expect(proxy.asked()).toEqual(['transaction of 40']);
  await Promise.all(leases.map((lease) => lease.complete()));
  expect(proxy.asked()).toEqual(['transaction of 40']);
});

test('while one handler of forty events runs long, renewing all leases costs at most two requests', async () => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { clock, deliver, proxy } = await instance({
    async otherwise() {
      begun.resolve();
      await ended.promise;
    },
  });
  const delivered = deliver(...Array.from({ length: 40 }, event));
  await begun.promise;
  proxy.asked();
  const letGo = proxy.hold();
  await clock.advance((LEASE_SECONDS * 1000) / 3 + 1);
  letGo();
  const renewals: string[] = [];
  await until(
    () => changesOf(renewals) >= 40,
    () => renewals.push(...proxy.asked()),
  );
  expect([changesOf(renewals), renewals.length <= 2]).toEqual([40, true]);
  ended.resolve();
  expect((await delivered).status).toBe(200);
});

const changesOf = (asked: readonly string[]) =>
  asked.reduce((sum, one) => sum + Number(/\d+$/.exec(one)?.[0] ?? 0), 0);

/** Waits for a condition that depends on sockets. */
async function until(condition: () => boolean, look = () => {}): Promise<void> {
  for (look(); !condition(); look()) await settled();
}

test('an incoming call acquires its event and its call in one transaction, and completes both in one', async () => {
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
  expect(proxy.asked()).toEqual(['transaction of 2']);
  await lease.complete();
  expect(proxy.asked()).toEqual(['transaction of 2']);
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
