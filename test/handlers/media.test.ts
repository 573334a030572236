import { expect, test } from 'vitest';
import { media } from '../../handlers/media.ts';
import type { MediaFrame, MediaSession } from '../../shared/events/media.ts';

// Yours to change along with handlers/media.ts.
test('a streamed caller hears their own words without the silence, and tones are logged', async () => {
  const did: string[] = [];
  const audio = (silent: boolean): MediaFrame => ({
    kind: 'AudioData',
    pcm: new Uint8Array([1, 2, 3]),
    silent,
    participant: undefined,
    timestamp: undefined,
  });
  const frames = [audio(false), audio(true), { kind: 'DtmfData', tone: '3' }] satisfies MediaFrame[];
  const session: MediaSession = {
    async *[Symbol.asyncIterator]() {
      yield* frames;
    },
    reference: 'AAAAAAAAAAAAAAAAAAAAAA',
    purpose: 'media',
    callConnectionId: undefined,
    send: async (pcm) => void did.push(`sent ${pcm.length} bytes`),
    stop: async () => void did.push('stopped'),
    close: () => void did.push('closed'),
  };
  await media(session, {
    log: (message) => void did.push(`logged ${message}`),
    signal: AbortSignal.timeout(1000),
    idempotencyKey: 'example',
    reference: session.reference,
  });
  expect(did).toEqual(['sent 3 bytes', 'logged tone 3']);
});
