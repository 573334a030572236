import type { MediaHandler } from '../shared/events/handlers.ts';

/**
 * Your handler for live audio and text: runs once for each verified socket. The socket is closed when the handler ends. This
 * one sends back the audio that it receives, and logs the tones that a participant presses.
 */
export const media = (async (session, { log }) => {
  for await (const frame of session) {
    if (frame.kind === 'AudioData' && !frame.silent) await session.send(frame.pcm);
    if (frame.kind === 'DtmfData') log(`tone ${frame.tone}`);
  }
}) satisfies MediaHandler;
