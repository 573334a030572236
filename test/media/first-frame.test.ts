import { expect, onTestFinished, test } from 'vitest';
import { startAcs } from '../../local/stand-ins/acs.ts';
import type { MediaHandler } from '../../shared/events/media.ts';
import { mediaHost, sent } from '../support/media-host.ts';
import { keysOf, startIssuer } from '../support/issuer.ts';
import { clientFrame } from '../support/upgrade.ts';

// Microsoft's published sample attaches its listener after the token was verified, and so loses the metadata.
function collecting() {
  const kinds: string[] = [];
  const handler: MediaHandler = async (session) => {
    for await (const frame of session) kinds.push(frame.kind);
  };
  return { kinds, handler };
}

test('the first frame is not lost, with the fetch of the keys delayed by a second', async () => {
  const { kinds, handler } = collecting();
  const [real, slow] = [await startAcs(), await startIssuer()];
  onTestFinished(() => void Promise.all([real.close(), slow.close()]));
  const gate = Promise.withResolvers<void>();
  slow.at('/keys', (...exchange) => void gate.promise.then(() => keysOf(real.signingKey())(...exchange)));
  const claims = () => ({ ...real.claims(), iss: slow.issuer });
  const host = await mediaHost({ handler, acs: { ...real, ...slow, claims } });

  // One frame in the packet of the upgrade, one while the keys are on their way, one right behind the 101.
  const raw = host.raw({ behind: clientFrame(sent.metadata) });
  // The configuration, and the keys that do not come.
  await slow.arrived(2);
  raw.write(clientFrame(sent.tone('1')));
  await host.clock.advance(1000);
  expect(kinds).toEqual([]);
  gate.resolve();
  expect(await raw.status).toBe(101);
  raw.write(clientFrame(sent.tone('2')));
  await expect.poll(() => kinds).toEqual(['AudioMetadata', 'DtmfData', 'DtmfData']);
});

test('a handler that begins to iterate late has lost nothing', async () => {
  const gate = Promise.withResolvers<void>();
  const { kinds, handler } = collecting();
  const host = await mediaHost({
    handler: async (...given) => {
      await gate.promise;
      return handler(...given);
    },
  });
  const raw = host.raw({ behind: Buffer.concat([clientFrame(sent.metadata), clientFrame(sent.tone('1'))]) });
  expect(await raw.status).toBe(101);
  gate.resolve();
  await expect.poll(() => kinds).toEqual(['AudioMetadata', 'DtmfData']);
});

test('frames that were sent before the close are still handed over', async () => {
  const { kinds, handler } = collecting();
  const host = await mediaHost({ handler });
  const close = clientFrame('\x03\xe8', 0x88);
  const many = Array.from({ length: 100 }, () => clientFrame(sent.tone('1')));
  host.raw({ behind: Buffer.concat([clientFrame(sent.metadata), ...many, close]) });
  await expect.poll(() => kinds).toHaveLength(101);
});

test('frames beyond what may wait are not lost either, while nobody is listening yet', async () => {
  const { kinds, handler } = collecting();
  const gate = Promise.withResolvers<void>();
  const host = await mediaHost({
    handler,
    change: (admission) => ({
      ...admission,
      checks: [
        ...admission.checks,
        {
          name: 'slow',
          async run() {
            await gate.promise;
            return {};
          },
        },
      ],
    }),
  });
  const frames = Array.from({ length: 2000 }, () => clientFrame(sent.audio(Buffer.alloc(640))));
  const raw = host.raw({ behind: Buffer.concat(frames) });
  gate.resolve();
  expect(await raw.status).toBe(101);
  // Five hundred a second, on the host's own clock.
  for (let second = 0; second < 5; second++) {
    await expect.poll(() => kinds.length).toBeGreaterThanOrEqual(Math.min(2000, (second + 1) * 500 - 1));
    await host.clock.advance(1000);
  }
  await expect.poll(() => kinds).toHaveLength(2000);
});
