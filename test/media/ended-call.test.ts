import { describe, expect, test } from 'vitest';
import { endedName, newReference } from '../../shared/calls/uris.ts';
import type { Delivery } from '../../shared/delivery/endpoint.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { Outage } from '../../shared/errors.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import type { VerifiedCallEvent } from '../../shared/providers/call-automation.ts';
import { manualClock } from '../clock.ts';
import { deliveryOf } from '../support/endpoints.ts';
import { closeCode, mediaHost } from '../support/media-host.ts';
import type { TestHost } from '../support/media-host.ts';
import { callEvent, checking, pipelineOf, posted } from '../support/pipeline.ts';

// Ticket and token are good for a day. Who captured both must not open the socket of a call that has ended.
const bound = { callConnectionId: 'leg', serverCallId: 'server', correlationId: 'correlation' };

/** Delivers events of one reference through the route of the callbacks, on the ledger of a media host. */
function callbacks(
  host: TestHost,
  reference: string,
  { mode = 'report', handler = () => {} }: { mode?: string; handler?: (() => unknown) | null } = {},
) {
  const delivery = deliveryOf('POST /api/callbacks/call-automation', {
    settings: { CALL_BINDING: mode },
    clock: host.clock,
    handlers: { calls: { events: handler ? { CallDisconnected: handler } : {} } },
  }) as Delivery<VerifiedCallEvent>;
  let count = 0;
  const proof = () => ({
    reference,
    referenceExpires: host.clock.now() + 3600,
    token: { id: `token-${count++}`, expires: host.clock.now() + 300 },
  });
  const { deliver } = pipelineOf({
    clock: host.clock,
    ledger: host.ledger,
    delivery,
    checks: [checking('proof', async () => proof())],
  });
  return async (name: string, data: object = bound) => {
    const event = callEvent({ id: `event-${count}`, type: `Microsoft.Communication.${name}`, data });
    return (await deliver(posted({ body: JSON.stringify([event]) }))).status;
  };
}

/** A socket that was opened and closed, and its captured upgrade. */
async function captured(host: TestHost, reference = newReference()) {
  const [target, token] = [host.target(host.ticket({ reference, expiresIn: 86_400 })), host.token()];
  const ws = await host.opened({ target, headers: { authorization: `Bearer ${token}` } });
  ws.close();
  await closeCode(ws);
  await expect.poll(() => host.size()).toBe(0);
  return { reference, again: () => host.raw({ target, headers: host.bearer(token) }) };
}

test('a captured upgrade opens its socket again while the call lasts, and never after its end', async () => {
  const host = await mediaHost();
  const { reference, again } = await captured(host);
  const send = callbacks(host, reference);
  expect(await send('CallConnected')).toBe(200);
  const during = again();
  expect(await during.status).toBe(101);
  during.socket.destroy();
  await expect.poll(() => host.size()).toBe(0);

  expect(await send('CallDisconnected')).toBe(200);
  expect(await again().status).toBe(401);
  expect(host.lines.at(-1)).toMatchObject({ verdict: 'rejected', reason: 'ticket-of-ended-call' });
  const transcription = host.target(host.ticket({ reference, purpose: 'transcription' }));
  expect(await host.raw({ target: transcription }).status).toBe(401);
  await host.clock.advance(23 * 3600 * 1000);
  expect(await again().status).toBe(401);
});

test.each<[string, number, (() => unknown) | null]>([
  ['without a handler', 200, null],
  [
    'whose handler throws',
    500,
    () => {
      throw new Error('broken');
    },
  ],
])('a call also ends by an event %s', async (_what, status, handler) => {
  const host = await mediaHost();
  const { reference, again } = await captured(host);
  const send = callbacks(host, reference, { handler });
  await send('CallConnected');
  expect(await send('CallDisconnected')).toBe(status);
  expect(await again().status).toBe(401);
});

describe('no other event ends a call', () => {
  test.each<[string, string, object]>([
    ['another event of it', 'ParticipantsUpdated', bound],
    ['the end of a recorder of it', 'CallDisconnected', { ...bound, callConnectionId: 'recorder' }],
    ['the end of another call, which is only reported', 'CallDisconnected', { callConnectionId: 'other' }],
    ['an end that names no call', 'CallDisconnected', {}],
  ])('%s', async (_what, name, data) => {
    const host = await mediaHost();
    const { reference, again } = await captured(host);
    const send = callbacks(host, reference);
    await send('CallConnected');
    expect(await send(name, data)).toBe(200);
    expect(await again().status).toBe(101);
  });

  test('the end of another call, which is refused', async () => {
    const host = await mediaHost();
    const { reference, again } = await captured(host);
    const send = callbacks(host, reference, { mode: 'enforce' });
    await send('CallConnected');
    expect(await send('CallDisconnected', { callConnectionId: 'other' })).toBe(401);
    expect(await again().status).toBe(101);
  });

  test('the end of the call of another reference', async () => {
    const host = await mediaHost();
    const { again } = await captured(host);
    const send = callbacks(host, newReference());
    await send('CallConnected');
    expect(await send('CallDisconnected')).toBe(200);
    expect(await again().status).toBe(101);
  });
});

test('an end that the ledger does not store is 503, so that the sender retries', async () => {
  const clock = manualClock();
  const memory = memoryLedger(clock);
  let isDown = true;
  const ledger: Ledger = {
    ...memory,
    async putIfAbsent(name, ...rest) {
      if (isDown && name.startsWith('ended:')) throw new Outage('ledger-unavailable');
      return memory.putIfAbsent(name, ...rest);
    },
  };
  const host = await mediaHost({ ledger });
  const reference = newReference();
  const send = callbacks(host, reference);
  await send('CallConnected');
  expect(await send('CallDisconnected')).toBe(503);
  isDown = false;
  expect(await send('CallDisconnected')).toBe(200);
  expect(await ledger.get(endedName(reference))).toBe('CallDisconnected');
});

test('while the ledger cannot say whether the call has ended, an upgrade is 503', async () => {
  const memory = memoryLedger(manualClock());
  const get = () => Promise.reject(new Outage('ledger-unavailable'));
  const host = await mediaHost({ ledger: { ...memory, get } });
  expect(await host.raw().status).toBe(503);
  expect(host.lines.at(-1)).toMatchObject({ reason: 'ledger-unavailable' });
});
