import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { callIdentity, isSameCall } from '../../shared/calls/identity.ts';
import { newReference, referenceName } from '../../shared/calls/uris.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { Outage } from '../../shared/errors.ts';
import { manualClock } from '../clock.ts';
import { closeCode, life, mediaHost, sent } from '../support/media-host.ts';

describe('one open socket for each call and purpose', () => {
  test('a second socket with a ticket in use is refused before 101, and the first goes on', async () => {
    const host = await mediaHost();
    const target = host.target();
    const first = await host.opened({ target });
    const second = host.raw({ target });
    expect(await second.status).toBe(503);
    expect((await second.everything).split('\r\n\r\n')[1]).toBe('{"error":"unavailable"}');
    expect(host.lines.at(-1)).toMatchObject({ reason: 'ticket-in-use', status: 503 });
    expect([host.size(), first.readyState]).toEqual([1, first.OPEN]);
  });

  test('a new ticket for the same call and purpose is refused as well', async () => {
    const host = await mediaHost();
    const reference = newReference();
    await host.opened({ target: host.target(host.ticket({ reference })) });
    const again = host.target(host.ticket({ reference, expiresIn: 1800 }));
    expect(await host.raw({ target: again }).status).toBe(503);
  });

  test('of many concurrent upgrades one succeeds', async () => {
    const host = await mediaHost();
    const target = host.target();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => host.raw({ target }).status));
    expect(statuses.filter((status) => status === 101)).toHaveLength(1);
    expect(statuses.filter((status) => status === 503)).toHaveLength(19);
  });

  test('the other purpose of the same call has its own socket', async () => {
    const purposes: string[] = [];
    const host = await mediaHost({
      handler: async (session, { idempotencyKey }) => {
        purposes.push(`${session.purpose} ${idempotencyKey}`);
        for await (const _ of session);
      },
    });
    const reference = newReference();
    await host.opened({ target: host.target(host.ticket({ reference })) });
    await host.opened({ target: host.target(host.ticket({ reference, purpose: 'transcription' })) });
    expect(purposes).toEqual([
      `media media-ticket:media:${reference}`,
      `transcription media-ticket:transcription:${reference}`,
    ]);
  });

  test.each(['closed', 'reset'])('after a drop (%s) the ticket opens the next socket', async (how) => {
    const host = await mediaHost();
    const target = host.target();
    const first = await host.opened({ target });
    if (how === 'closed') first.close();
    else first.terminate();
    await once(first, 'close');
    await expect.poll(() => host.size()).toBe(0);
    expect(await host.raw({ target }).status).toBe(101);
  });

  test('a ticket is in use as long as the socket is open', async () => {
    const host = await mediaHost();
    const target = host.target();
    const first = await host.opened({ target });
    for (let minute = 0; minute < 3; minute++) {
      first.send(sent.metadata);
      await host.clock.advance(60_000);
    }
    expect(await host.raw({ target }).status).toBe(503);
    expect(host.size()).toBe(1);
  });

  test('two hosts with one ledger open one socket for a ticket', async () => {
    const ledger = memoryLedger(manualClock());
    const one = await mediaHost({ ledger });
    const other = await mediaHost({ ledger, acs: one.acs });
    const target = one.target();
    await one.opened({ target });
    expect(await other.raw({ target, headers: one.bearer() }).status).toBe(503);
  });
});

describe('a ledger outage', () => {
  const down: Partial<Record<keyof Ledger, true>>[] = [{ acquire: true }, { get: true }];
  test.each(down)('refuses every upgrade: %j', async (what) => {
    const whole = memoryLedger(manualClock());
    const out = () => Promise.reject(new Outage('ledger-unavailable'));
    const ledger = {
      ...whole,
      ...(what.acquire && { acquire: out }),
      ...(what.get && { get: out }),
    };
    const host = await mediaHost({ ledger });
    expect(await host.raw().status).toBe(503);
    expect(host.lines).toEqual([
      expect.objectContaining({ verdict: 'accepted', reason: 'ledger-unavailable', status: 503 }),
    ]);
    expect(host.size()).toBe(0);
  });

  test('delays an upgrade no longer than the timeout, and a lease that arrives later is released', async () => {
    const whole = memoryLedger(manualClock());
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    let slow = true;
    const ledger: Ledger = {
      ...whole,
      async acquire(...claim) {
        asked.resolve();
        if (slow) await gate.promise;
        return whole.acquire(...claim);
      },
    };
    const host = await mediaHost({ ledger, settings: { HANDLER_TIMEOUT_SECONDS: '20' } });
    const target = host.target();
    const raw = host.raw({ target });
    await asked.promise;
    await host.clock.advance(20_000);
    expect(await raw.status).toBe(503);
    slow = false;
    gate.resolve();
    await expect.poll(() => host.raw({ target }).status).toBe(101);
  });
});

describe('one reference, one call', () => {
  const socket = (host: Awaited<ReturnType<typeof mediaHost>>, reference: string, call: string) =>
    host.raw({
      target: host.target(host.ticket({ reference })),
      headers: [...host.bearer(), ['x-ms-call-connection-id', call]],
    });

  test('another call with a bound reference is reported', async () => {
    const host = await mediaHost();
    const reference = newReference();
    await host.ledger.putIfAbsent(referenceName(reference), 'call-1', 60);
    expect(await socket(host, reference, 'call-2').status).toBe(101);
    await expect
      .poll(() => host.lines[0])
      .toMatchObject({ status: 101, reported: expect.arrayContaining(['reference-of-another-call']) });
  });

  test('or refused with CALL_BINDING=enforce, while the bound call is accepted', async () => {
    const host = await mediaHost({ settings: { CALL_BINDING: 'enforce' } });
    const reference = newReference();
    await host.ledger.putIfAbsent(referenceName(reference), 'call-1', 60);
    expect(await socket(host, reference, 'call-2').status).toBe(401);
    expect(host.lines[0]).toMatchObject({ verdict: 'rejected', reason: 'reference-of-another-call' });
    expect(await socket(host, reference, 'call-1').status).toBe(101);
  });

  test('the bound call is that of any of its ids: an event has bound the reference with all of them', async () => {
    const host = await mediaHost({ settings: { CALL_BINDING: 'enforce' } });
    const reference = newReference();
    const ids = { callConnectionId: 'call-1', serverCallId: 'server-1', correlationId: 'correlation-1' };
    await host.ledger.putIfAbsent(referenceName(reference), callIdentity(ids), 60);
    expect(await socket(host, reference, 'call-2').status).toBe(401);
    expect(await socket(host, reference, 'server-1').status).toBe(401);
    expect(await socket(host, reference, 'call-1').status).toBe(101);
  });

  test('the first socket binds with the correlation as well, so that a recorder of its call is no other call', async () => {
    const host = await mediaHost();
    const reference = newReference();
    const target = host.target(host.ticket({ reference }));
    const headers = [
      ...host.bearer(),
      ['x-ms-call-connection-id', 'call-1'],
      ['x-ms-call-correlation-id', 'correlation-1'],
    ] as const;
    expect(await host.raw({ target, headers }).status).toBe(101);
    const known = await host.ledger.putIfAbsent(referenceName(reference), 'call-2', 60);
    const recorder = { callConnectionId: 'recorder', correlationId: 'correlation-1' };
    expect(isSameCall(known, callIdentity(recorder))).toBe(true);
  });

  test('the first socket binds an unbound reference', async () => {
    const host = await mediaHost();
    const reference = newReference();
    await socket(host, reference, 'call-1').status;
    expect(await host.ledger.putIfAbsent(referenceName(reference), 'call-2', 60)).toBe('call-1');
  });

  test.each(['', 'a b', 'x'.repeat(129), 'ä'])(
    'a header that names no call binds nothing: %j',
    async (call) => {
      const host = await mediaHost({ settings: { CALL_BINDING: 'enforce' } });
      const reference = newReference();
      expect(await socket(host, reference, call).status).toBe(101);
      expect(await host.ledger.putIfAbsent(referenceName(reference), 'call-2', 60)).toBe('call-2');
    },
  );
});

describe('a callback token with minutes left', () => {
  test('opens a socket together with a ticket: issuer and resource are the same', async () => {
    const host = await mediaHost();
    expect(await host.raw({ headers: host.bearer(host.acs.token()) }).status).toBe(101);
  });

  test('opens no socket without a ticket, or with the key of its callback', async () => {
    const host = await mediaHost();
    const headers = host.bearer(host.acs.token());
    expect(await host.raw({ headers, target: '/media' }).status).toBe(401);
    const key = host.ticket({ purpose: 'callback' });
    expect(await host.raw({ headers, target: host.target(key) }).status).toBe(401);
    expect(await host.raw({ headers, target: `/media?key=${key}` }).status).toBe(401);
  });

  test('opens no socket after a callback with it, if the ledger is shared and TOKEN_REUSE enforces it', async () => {
    const host = await mediaHost({ settings: { TOKEN_REUSE: 'enforce' } });
    const token = host.acs.token();
    // The callback route binds the token to the hash of the body.
    const { createHash } = await import('node:crypto');
    const id = createHash('sha256')
      .update(Buffer.from(token.split('.')[2]!, 'base64url'))
      .digest('base64url');
    await host.ledger.putIfAbsent(`token:${id}`, 'the hash of a body', 300);
    expect(await host.raw({ headers: host.bearer(token) }).status).toBe(401);
    expect(host.lines[0]).toMatchObject({ reason: 'token-reused' });
  });

  test('expires, and the socket that it opened stays open', async () => {
    const host = await mediaHost();
    const token = host.acs.token();
    const ws = await host.opened({ headers: { authorization: `Bearer ${token}` } });
    ws.send(sent.metadata);
    await host.clock.advance(400_000);
    expect(await host.raw({ headers: host.bearer(token) }).status).toBe(401);
    expect(ws.readyState).toBe(ws.OPEN);
  });
});

describe('one token, one socket', () => {
  test('a token opens the same stream again, and no other stream where TOKEN_REUSE enforces it', async () => {
    const host = await mediaHost({ settings: { TOKEN_REUSE: 'enforce' } });
    const [token, target] = [host.token(), host.target()];
    const first = await host.opened({ target, headers: { authorization: `Bearer ${token}` } });
    first.close();
    await closeCode(first);
    await expect.poll(() => host.size()).toBe(0);
    expect(await host.raw({ target, headers: host.bearer(token) }).status).toBe(101);
    expect(await host.raw({ headers: host.bearer(token) }).status).toBe(401);
  });

  test.each([
    [undefined, 101],
    ['report', 101],
    ['enforce', 401],
  ])(
    'with TOKEN_REUSE %s, the token of another socket is answered %i, with or without a jti',
    async (mode, status) => {
      for (const jti of ['one', '', null, undefined]) {
        const host = await mediaHost({ settings: { TOKEN_REUSE: mode } });
        const headers = host.bearer(host.token({ ...life(86_400), jti }));
        expect(await host.raw({ headers }).status).toBe(101);
        expect(await host.raw({ headers }).status).toBe(status);
        await expect.poll(() => host.lines).toHaveLength(2);
        const line = host.lines[1];
        expect([line?.['reason'], line?.['reported']]).toEqual(
          status === 401
            ? ['token-reused', ['source-address-unknown']]
            : [undefined, ['source-address-unknown', 'token-reused']],
        );
      }
    },
  );
});
