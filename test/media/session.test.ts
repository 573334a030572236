import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { MediaFrame } from '../../shared/events/media.ts';
import { closeCode, drained, mediaHost, sent } from '../support/media-host.ts';
import { clientFrame } from '../support/upgrade.ts';
import type { Raw } from '../support/upgrade.ts';

const tones = (frames: readonly MediaFrame[]) =>
  frames.map((frame) => (frame.kind === 'DtmfData' ? frame.tone : frame.kind));
/** A closing frame of a server, and the last frame of a connection. */
const closing = (code: number) => [0x88, 2, code >> 8, code & 0xff];
const lastOf = async ({ everything }: Raw) => [...Buffer.from((await everything).slice(-4), 'latin1')];
const received = (ws: WebSocket) => {
  const messages: unknown[] = [];
  ws.on('message', (data) => messages.push(JSON.parse(String(data))));
  return messages;
};

test('frames arrive in their order, whatever their kind', async () => {
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
  test('is audio and the command to stop it, in the form of the SDK', async () => {
    const host = await mediaHost({
      handler: async (session) => {
        await session.send(Buffer.from([1, 2, 3]));
        // A view of a larger buffer sends only its part.
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

  test('is dropped without an error once the socket is closed', async () => {
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

  test('without awaiting it cannot fill the memory: the socket is closed with 1011', async () => {
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
    // A peer that reads megabytes for longer than the closing handshake may take sees no code.
    expect([1011, 1006]).toContain(await closeCode(ws));
    await expect.poll(() => host.lines.at(-1)).toMatchObject({ code: 1011, cause: 'outbound-overflow' });
  });
});

describe('a frame', () => {
  test('that is too large closes its socket with 1009, and no other', async () => {
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

  test('in fragments is as large as its fragments together', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_FRAME_BYTES: '2048' } });
    const part = 'x'.repeat(1500);
    const raw = host.raw({ behind: Buffer.concat([clientFrame(part, 0x01), clientFrame(part, 0x80)]) });
    expect(await lastOf(raw)).toEqual(closing(1009));
  });

  test('of text that is not UTF-8 closes the socket with 1007', async () => {
    const host = await mediaHost();
    const bytes = clientFrame('xx');
    // The byte is 0xff without its mask, which is never valid UTF-8.
    bytes[6] = (bytes[2] ?? 0) ^ 0xff;
    const raw = host.raw({ behind: bytes });
    expect(await lastOf(raw)).toEqual(closing(1007));
  });
});
