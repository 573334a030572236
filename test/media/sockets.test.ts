import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { MediaHandler } from '../../shared/events/media.ts';
import { settled } from '../clock.ts';
import { closeCode, drained, mediaHost, sent } from '../support/media-host.ts';

describe('how a handler ends', () => {
  const endings: readonly (readonly [string, number, string, MediaHandler])[] = [
    ['returns', 1000, 'handler-ended', () => {}],
    [
      'leaves the iteration',
      1000,
      'handler-ended',
      async (session) => {
        for await (const _ of session) break;
      },
    ],
    [
      'throws',
      1011,
      'handler-threw',
      () => {
        throw new Error('of the handler');
      },
    ],
    ['rejects', 1011, 'handler-threw', () => Promise.reject(new Error('of the handler'))],
    ['throws something other than an error', 1011, 'handler-threw', () => Promise.reject(undefined)],
    [
      'throws in the iteration',
      1011,
      'handler-threw',
      async (session) => {
        for await (const _ of session) throw new Error('of the handler');
      },
    ],
    ['sends text instead of audio', 1011, 'handler-threw', (session) => session.send('text' as never)],
    [
      'closes',
      4000,
      'handler-closed',
      async (session) => {
        session.close(4000, 'enough');
        expect(await drained(session)).toBe(0);
      },
    ],
    ['closes with an invalid code', 1011, 'handler-threw', (session) => session.close(7)],
  ];
  test.each(endings)(
    'one that %s closes its socket with %i (%s), and no other',
    async (_, code, cause, handler) => {
      let isFirst = true;
      const host = await mediaHost({
        handler: (...given) => {
          const ending = isFirst;
          isFirst = false;
          return ending ? handler(...given) : drained(given[0]);
        },
      });
      const ws = host.socket();
      const closed = closeCode(ws);
      await once(ws, 'open');
      const other = await host.opened();
      ws.send(sent.metadata);
      expect(await closed).toBe(code);
      await expect.poll(() => host.lines.some((line) => line['cause'] === cause)).toBe(true);
      expect([host.size(), other.readyState]).toEqual([1, other.OPEN]);
      const threw = host.lines.filter((line) => line['ringward'] === 'handler-threw');
      expect(threw).toHaveLength(cause === 'handler-threw' ? 1 : 0);
    },
  );

  test('one that stops because its socket is closed has not failed', async () => {
    const ended = Promise.withResolvers<void>();
    const host = await mediaHost({
      handler: async (_session, { signal }) => {
        try {
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          );
        } finally {
          ended.resolve();
        }
      },
    });
    const ws = await host.opened();
    ws.close();
    await ended.promise;
    await expect.poll(() => host.lines).toHaveLength(2);
    await settled();
    expect(host.lines.map((line) => line['ringward'])).toEqual([undefined, 'media-socket-closed']);
  });
});

describe('idle sockets', () => {
  test('a socket that has been idle too long is closed', async () => {
    const host = await mediaHost({ limits: { idleSeconds: 60, heartbeatSeconds: 1000 } });
    const ws = await host.opened();
    await host.clock.advance(50_000);
    ws.send(sent.metadata);
    await expect.poll(() => host.size()).toBe(1);
    await host.clock.advance(20_000);
    expect(ws.readyState).toBe(ws.OPEN);
    const closed = closeCode(ws);
    await host.clock.advance(60_000);
    expect(await closed).toBe(1008);
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'idle' });
  });

  test('a silent peer that answers pings stays connected', async () => {
    const host = await mediaHost({ limits: { heartbeatSeconds: 30 } });
    const ws = await host.opened();
    let pings = 0;
    ws.on('ping', () => pings++);
    for (let beat = 1; beat <= 5; beat++) {
      await host.clock.advance(30_000);
      await expect.poll(() => pings).toBeGreaterThanOrEqual(beat);
      // Its pong is on the way; the manual clock does not wait for it.
      ws.ping();
      await once(ws, 'pong');
    }
    expect(ws.readyState).toBe(ws.OPEN);
  });

  test('a silent peer that answers no ping is dropped, and its ticket is free', async () => {
    const host = await mediaHost({ limits: { heartbeatSeconds: 30 } });
    const target = host.target();
    const raw = host.raw({ target });
    expect(await raw.status).toBe(101);
    await host.clock.advance(75_000);
    await raw.everything;
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'silent', code: 1006 });
    expect(await host.raw({ target }).status).toBe(101);
  });

  test('a stalled handler is distinguished from an idle peer', async () => {
    const host = await mediaHost({
      limits: { queuedBytes: 1024, heartbeatSeconds: 30, idleSeconds: 300 },
      handler: () => new Promise(() => {}),
    });
    const ws = await host.opened();
    for (let number = 0; number < 10; number++) ws.send(sent.audio(Buffer.alloc(640)));
    const closed = closeCode(ws);
    // We pause reading meanwhile, so the pongs of the peer are not read.
    await expect.poll(() => host.size()).toBe(1);
    await host.clock.advance(200_000);
    expect(ws.readyState).toBe(ws.OPEN);
    await host.clock.advance(200_000);
    expect(await closed).toBe(1011);
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'handler-stalled' });
  });
});

test('at the limit of open sockets, the next genuine upgrade is 503', async () => {
  const host = await mediaHost({ settings: { MEDIA_MAX_SOCKETS: '2' } });
  const first = await host.opened();
  await host.opened();
  const target = host.target();
  expect(await host.raw({ target }).status).toBe(503);
  expect(host.lines.at(-1)).toMatchObject({ reason: 'sockets-exhausted' });
  // A forged upgrade does not learn this.
  expect(await host.raw({ headers: [] }).status).toBe(401);
  first.close();
  await expect.poll(() => host.size()).toBe(1);
  expect(await host.raw({ target }).status).toBe(101);
});
