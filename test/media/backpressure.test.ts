import { expect, test } from 'vitest';
import { settled } from '../clock.ts';
import { closeCode, drained, mediaHost, sent } from '../support/media-host.ts';

test('a slow handler makes the sender wait, and our memory does not grow', async () => {
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
  // Far more than the socket buffers of both sides hold.
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

test('frames above the rate wait until the second is over, and none is lost', async () => {
  let taken = 0;
  const host = await mediaHost({
    limits: { framesPerSecond: 50 },
    handler: async (session) => {
      for await (const _ of session) taken++;
    },
  });
  const ws = await host.opened();
  // Frames in one packet are read together.
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

test('frames that arrive after the handler left the iteration do not pause reading', async () => {
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
