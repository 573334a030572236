import type { MediaHandler } from '../shared/events/handlers.ts';

/**
 * Your handler for live audio and text: runs once for each socket that was proved genuine. When it ends, the socket is
 * closed. This one sends back what it hears, and logs the tones that somebody presses.
 */
export const media = (async (session, { log }) => {
  for await (const frame of session) {
    if (frame.kind === 'AudioData' && !frame.silent) await session.send(frame.pcm);
    if (frame.kind === 'DtmfData') log(`tone ${frame.tone}`);
  }
}) satisfies MediaHandler;
