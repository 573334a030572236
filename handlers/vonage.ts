import type { VonageHandlers } from '../shared/events/handlers.ts';

/**
 * Your handlers for Vonage Video callbacks: for each kind one function, or one for each of its events or states and
 * `otherwise` for the rest. Each runs only for verified callbacks, once. Returning means done. If a handler throws, also
 * because its signal aborted (`signal.throwIfAborted()`), Vonage retries the callback.
 */
export const vonage = {
  'session-monitoring': (event, { log }) => log(`session: ${event.event}`),
  archive: {
    available: (event, { log }) => log(`archive ${event.id} is available`),
    otherwise: (event, { log }) => log(`archive: ${event.status}`),
  },
  sip: (event, { log }) => log(`sip: ${event.event}`),
  'experience-composer': (event, { log }) => log(`experience composer: ${event.status}`),
  broadcast: (event, { log }) => log(`broadcast: ${event.status}`),
  captions: {
    // A service of Vonage failed. Start the captions again here.
    failed: (event, { log }) => log(`captions of session ${event.sessionId} failed`),
    otherwise: (event, { log }) => log(`captions: ${event.status}`),
  },
} satisfies VonageHandlers;
