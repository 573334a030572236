import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { MediaFrame, MediaHandler } from '../../../shared/events/media.ts';
import { settled } from '../../clock.ts';
import { closeCode, drained, mediaHost, sent } from '../../support/media-host.ts';
import { clientFrame } from '../../support/upgrade.ts';
import type { Raw } from '../../support/upgrade.ts';

const tones = (frames: readonly MediaFrame[]) =>
  frames.map((frame) => (frame.kind === 'DtmfData' ? frame.tone : frame.kind));
/** A closing frame as a server sends it, and the last one that came. */
const closing = (code: number) => [0x88, 2, code >> 8, code & 0xff];
const lastOf = async ({ everything }: Raw) => [...Buffer.from((await everything).slice(-4), 'latin1')];
const received = (ws: WebSocket) => {
  const messages: unknown[] = [];
  ws.on('message', (data) => messages.push(JSON.parse(String(data))));
  return messages;
};

test('frames come in their order, whatever their kind', async () => {
  const frames: MediaFrame[] = [];
  const host = await mediaHost({
    handler: async (session) => {
      for await (const frame of session) frames.push(frame);
    },
  });
  const ws = await host.opened();
  for (let number = 0; number < 400; number++) ws.send(sent.tone(String(number)));
  ws.send('{"kind":"Novelty","novelty":1}');
  ws.send('this is no frame');
  ws.send(Buffer.from([0, 1, 2]));
  ws.send(sent.tone('last'));
  await expect.poll(() => frames.length).toBe(402);
  expect(tones(frames)).toEqual([
    ...Array.from({ length: 400 }, (_, number) => String(number)),
    'Unknown',
    'last',
  ]);
  ws.close();
  await expect.poll(() => host.lines.at(-1)).toMatchObject({ framesIn: 404, unreadable: 2 });
});

test('each socket has its own frames, reference and purpose', async () => {
  const seen: string[] = [];
  const host = await mediaHost({
    handler: async ({ reference, purpose, callConnectionId, ...session }, context) => {
      expect(context.reference).toBe(reference);
      const iterable = { [Symbol.asyncIterator]: session[Symbol.asyncIterator] };
      for await (const frame of iterable) {
        if (frame.kind === 'DtmfData') seen.push(`${frame.tone} ${purpose} ${callConnectionId}`);
      }
    },
  });
  const targets = (['media', 'transcription'] as const).map((purpose) =>
    host.target(host.ticket({ purpose })),
  );
  const [one, other] = await Promise.all(
    targets.map((target, index) =>
      host.opened({ target, headers: { 'x-ms-call-connection-id': `call-${index}` } }),
    ),
  );
  one!.send(sent.tone('1'));
  other!.send(sent.tone('2'));
  await expect.poll(() => seen.sort()).toEqual(['1 media call-0', '2 transcription call-1']);
});

describe('what a handler sends', () => {
  test('is audio and the order to stop, in the form of the SDK', async () => {
    const host = await mediaHost({
      handler: async (session) => {
        await session.send(Buffer.from([1, 2, 3]));
        // A view of a part of a larger buffer is that part.
        await session.send(new Uint8Array(new Uint8Array([9, 4, 5, 9]).buffer, 1, 2));
        await session.stop();
        await drained(session);
      },
    });
    const ws = host.socket();
    const messages = received(ws);
    await expect.poll(() => messages).toHaveLength(3);
    expect(messages).toEqual([
      { kind: 'AudioData', audioData: { data: 'AQID' }, stopAudio: null },
      { kind: 'AudioData', audioData: { data: 'BAU=' }, stopAudio: null },
      { kind: 'StopAudio', audioData: null, stopAudio: {} },
    ]);
  });

  test('goes nowhere, and does no harm, once the socket is closed', async () => {
    const ended = Promise.withResolvers<unknown>();
    const host = await mediaHost({
      handler: async (session, { signal }) => {
        await drained(session);
        expect(signal.aborted).toBe(true);
        ended.resolve(await Promise.all([session.send(Buffer.alloc(640)), session.stop()]));
      },
    });
    const ws = await host.opened();
    ws.terminate();
    expect(await ended.promise).toEqual([undefined, undefined]);
  });

  test('and does not await may not fill the memory: the socket is closed with 1011', async () => {
    const host = await mediaHost({
      handler: (session) => {
        for (let block = 0; block < 64; block++) void session.send(Buffer.alloc(2 ** 20));
        return drained(session);
      },
    });
    const ws = host.socket();
    await once(ws, 'upgrade');
    ws.pause();
    await expect.poll(() => host.lines.length).toBe(1);
    ws.resume();
    expect(await closeCode(ws)).toBe(1011);
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'outbound-overflow' });
  });
});

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
    ['throws what is no error', 1011, 'handler-threw', () => Promise.reject(undefined)],
    [
      'throws in the iteration',
      1011,
      'handler-threw',
      async (session) => {
        for await (const _ of session) throw new Error('of the handler');
      },
    ],
    ['sends what is no audio', 1011, 'handler-threw', (session) => session.send('text' as never)],
    [
      'closes',
      4000,
      'handler-closed',
      async (session) => {
        session.close(4000, 'enough');
        expect(await drained(session)).toBe(0);
      },
    ],
    ['closes with a code that there is not', 1011, 'handler-threw', (session) => session.close(7)],
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

  test('one that gives up because the socket is closed has not failed', async () => {
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

  test('one that leaves the iteration and goes on sending is not stopped by what still comes', async () => {
    const host = await mediaHost({
      limits: { queuedBytes: 1024, framesPerSecond: 1_000_000 },
      handler: async (session, { signal }) => {
        for await (const frame of session) if (frame.kind === 'DtmfData') break;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const ws = await host.opened();
    ws.send(sent.tone('1'));
    const flushed = Array.from(
      { length: 1000 },
      () => new Promise((resolve) => ws.send(sent.audio(Buffer.alloc(640)), resolve)),
    );
    await Promise.all(flushed);
    ws.close(1000);
    expect(await closeCode(ws)).toBe(1000);
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ framesIn: 1001 });
  });
});

describe('limits', () => {
  test('a frame that is too large closes its socket with 1009, and no other', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_FRAME_BYTES: '2048' } });
    const [ws, other] = [await host.opened(), await host.opened()];
    ws.send('x'.repeat(2048));
    ws.send('x'.repeat(2049));
    expect(await closeCode(ws)).toBe(1009);
    await expect.poll(() => host.size()).toBe(1);
    expect(other.readyState).toBe(other.OPEN);
    await expect
      .poll(() => host.lines.at(-1))
      .toMatchObject({ cause: 'frame-too-large', code: 1009, framesIn: 1 });
  });

  test('one that comes in fragments is as large as they are together', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_FRAME_BYTES: '2048' } });
    const part = 'x'.repeat(1500);
    const raw = host.raw({ behind: Buffer.concat([clientFrame(part, 0x01), clientFrame(part, 0x80)]) });
    expect(await lastOf(raw)).toEqual(closing(1009));
  });

  test('text that is no UTF-8 closes the socket with 1007', async () => {
    const host = await mediaHost();
    const bytes = clientFrame('xx');
    // Unmasked 0xff is in no UTF-8.
    bytes[6] = (bytes[2] ?? 0) ^ 0xff;
    const raw = host.raw({ behind: bytes });
    expect(await lastOf(raw)).toEqual(closing(1007));
  });

  test('a slow handler makes the sender wait, and not our memory grow', async () => {
    const gate = Promise.withResolvers<void>();
    let taken = 0;
    const host = await mediaHost({
      limits: { queuedBytes: 64 * 1024, framesPerSecond: 1_000_000 },
      handler: async (session) => {
        await gate.promise;
        taken = await drained(session);
      },
    });
    const ws = await host.opened();
    const other = await host.opened();
    // Far more than the buffers of both kernels hold.
    const [frames, frame] = [2000, sent.audio(Buffer.alloc(40_000))];
    let flushed = 0;
    const all = Promise.all(
      Array.from(
        { length: frames },
        () => new Promise<void>((resolve) => ws.send(frame, () => resolve(void flushed++))),
      ),
    );
    // The other socket is served meanwhile.
    other.close();
    await closeCode(other);
    await expect.poll(() => host.lines.length).toBe(3);
    expect(flushed).toBeLessThan(frames / 2);
    expect(ws.bufferedAmount).toBeGreaterThan(0);
    gate.resolve();
    await all;
    ws.close();
    await expect.poll(() => taken).toBe(frames);
  });

  test('frames beyond the pace wait until the second is over, and none is lost', async () => {
    let taken = 0;
    const host = await mediaHost({
      limits: { framesPerSecond: 50 },
      handler: async (session) => {
        for await (const _ of session) taken++;
      },
    });
    const ws = await host.opened();
    // What is in one packet already is taken with it.
    const frame = sent.audio(Buffer.alloc(40_000));
    for (let number = 0; number < 200; number++) ws.send(frame);
    await expect.poll(() => taken).toBeGreaterThanOrEqual(50);
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(taken).toBeLessThan(100);
    for (let second = 0; second < 5; second++) {
      await host.clock.advance(1000);
      await expect.poll(() => taken).toBeGreaterThanOrEqual(Math.min(200, (second + 2) * 50 - 5));
    }
    expect(taken).toBe(200);
  });

  test('a socket without a frame is closed when it has been idle too long', async () => {
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

  test('a silent peer that answers when it is asked stays', async () => {
    const host = await mediaHost({ limits: { heartbeatSeconds: 30 } });
    const ws = await host.opened();
    let pings = 0;
    ws.on('ping', () => pings++);
    for (let beat = 1; beat <= 5; beat++) {
      await host.clock.advance(30_000);
      await expect.poll(() => pings).toBeGreaterThanOrEqual(beat);
      // Its answer is on the way, which the clock of the test does not know.
      ws.ping();
      await once(ws, 'pong');
    }
    expect(ws.readyState).toBe(ws.OPEN);
  });

  test('one that does not answer is cut off, and its ticket is free', async () => {
    const host = await mediaHost({ limits: { heartbeatSeconds: 30 } });
    const target = host.target();
    const raw = host.raw({ target });
    expect(await raw.status).toBe(101);
    await host.clock.advance(75_000);
    await raw.everything;
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'silent', code: 1006 });
    expect(await host.raw({ target }).status).toBe(101);
  });

  test('a handler that takes nothing is told apart from a peer that sends nothing', async () => {
    const host = await mediaHost({
      limits: { queuedBytes: 1024, heartbeatSeconds: 30, idleSeconds: 300 },
      handler: () => new Promise(() => {}),
    });
    const ws = await host.opened();
    for (let number = 0; number < 10; number++) ws.send(sent.audio(Buffer.alloc(640)));
    const closed = closeCode(ws);
    // Its signs of life are not read meanwhile, and that is not its fault.
    await expect.poll(() => host.size()).toBe(1);
    await host.clock.advance(200_000);
    expect(ws.readyState).toBe(ws.OPEN);
    await host.clock.advance(200_000);
    expect(await closed).toBe(1011);
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ cause: 'handler-stalled' });
  });

  test('as many sockets are open as there may be, and who comes then is told to come again', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_SOCKETS: '2' } });
    const first = await host.opened();
    await host.opened();
    const target = host.target();
    expect(await host.raw({ target }).status).toBe(503);
    expect(host.lines.at(-1)).toMatchObject({ reason: 'sockets-exhausted' });
    // Who is forged learns nothing of that.
    expect(await host.raw({ headers: [] }).status).toBe(401);
    first.close();
    await expect.poll(() => host.size()).toBe(1);
    expect(await host.raw({ target }).status).toBe(101);
  });
});
