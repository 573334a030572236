import type { MediaHandler } from '../../../../shared/events/handlers.ts';

/** Sends the audio back, and logs the tones. */
export const media = (async (session, { log }) => {
  for await (const frame of session) {
    if (frame.kind === 'AudioData' && !frame.silent) await session.send(frame.pcm);
    if (frame.kind === 'DtmfData') log(`tone ${frame.tone}`);
  }
}) satisfies MediaHandler;
