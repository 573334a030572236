import type { VonageHandlers } from '../shared/events/handlers.ts';

/** No log either: the delivery log entry names the event, and each line costs about as much as its delivery. */
const nothing = () => {};

/**
 * Your handlers for Vonage Video callbacks: for each kind one function, or one for each of its events or states and
 * `otherwise` for the rest. Each runs only for verified callbacks, once. Returning means done. If a handler throws, also
 * because its signal aborted (`signal.throwIfAborted()`), Vonage retries the callback.
 */
export const vonage = {
  'session-monitoring': {
    sessionCreated: (event, { log }) => log(`session ${event.sessionId}`),
    otherwise: nothing,
  },
  archive: {
    available: (event, { log }) => log(`archive ${event.id} is available`),
    otherwise: nothing,
  },
  sip: nothing,
  'experience-composer': nothing,
  broadcast: nothing,
  captions: {
    // A service of Vonage failed. Start the captions again here.
    failed: (event, { log }) => log(`captions of session ${event.sessionId} failed`),
    otherwise: nothing,
  },
} satisfies VonageHandlers;
