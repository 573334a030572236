import type { MediaHandler } from '../../../../shared/events/handlers.ts';

/** Logs a setting that a test gives to handlers, and sends the audio back. */
export const media = (async (session, { log }) => {
  log(`the media host has PARTNER_URL=${process.env['PARTNER_URL']}`);
  for await (const frame of session) {
    if (frame.kind === 'AudioData' && !frame.silent) await session.send(frame.pcm);
  }
}) satisfies MediaHandler;
