import type { CallHandlers } from '../shared/events/handlers.ts';

/** What callers hear: a WAV file, mono, 16 bit, 16 kHz, at an address that Azure can reach. Put your own here. */
const GREETING = 'https://example.com/greeting.wav';

/**
 * Your handlers for calls. `incoming` runs when a call rings, `events` while it goes on: one handler for each event that
 * you care about, `otherwise` for the rest. Each runs only for an event that was proved genuine, once. Throw, and the
 * event comes again.
 */
export const calls = {
  async incoming(_event, { ring, log }) {
    if (ring.missed) return log('missed');
    await ring.answer({ operationContext: 'greet' });
    log('answered');
  },
  events: {
    async CallConnected(event, { call, log }) {
      log(`connected: ${event.data.callConnectionId}`);
      // Only a call that was answered above: what your own code placed may have other plans.
      if (event.data.operationContext === 'greet') await call.play({ file: GREETING });
    },
    async PlayCompleted(event, { call, log }) {
      log(`the greeting has been played: ${event.data.callConnectionId}`);
      await call.hangUp();
    },
    CallDisconnected: (event, { log }) => log(`over: ${event.data.callConnectionId}`),
    otherwise: (event, { log }) => log(event.type),
  },
} satisfies CallHandlers;
