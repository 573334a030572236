import type { CallHandlers } from '../shared/events/handlers.ts';

/** What callers hear: a WAV file, mono, 16 bit, 16 kHz, at an address that Azure can reach. Replace it with your own. */
const GREETING = 'https://example.com/greeting.wav';

/**
 * Your handlers for calls. `incoming` runs when a call rings, `events` during the call: one handler for each event that you
 * need, `otherwise` for the rest. `recordingFileStatusUpdated` runs when the files of a recording are ready.
 *
 * Each runs only for verified events, once. Returning means done. A handler that throws has its event retried, so one that
 * stops at its signal must throw: `signal.throwIfAborted()`.
 */
export const calls = {
  async incoming(_event, { ring, log }) {
    if (ring.missed) return log('missed');
    await ring.answer({ operationContext: 'greet' });
    log('answered');
  },
  events: {
    async CallConnected(event, { call }) {
      // Only a call that was answered above; calls that your own code places may do something else.
      if (event.data.operationContext === 'greet') await call.play({ file: GREETING });
    },
    PlayCompleted: (_event, { call }) => call.hangUp(),
    // Nothing to do, and no log: the delivery log entry names the event, and each line costs about as much as its delivery.
    otherwise: () => {},
  },
  recordingFileStatusUpdated(event, { reference, log }) {
    const { recordingChunks = [] } = event.data.recordingStorageInfo ?? {};
    log(`recording ${reference}: ${recordingChunks.length} file(s)`);
  },
} satisfies CallHandlers;
