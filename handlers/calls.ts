import type { CallHandlers } from '../shared/events/handlers.ts';

/**
 * Your handlers for calls: one for each event that you care about, `otherwise` for the rest. Each runs only for an
 * event that was proved genuine, once. Throw, and the event comes again.
 */
export const calls = {
  events: {
    CallConnected: (event, { log }) => log(`connected: ${event.data.callConnectionId}`),
    PlayCompleted: (event, { log }) => log(`the greeting has been played: ${event.data.callConnectionId}`),
    CallDisconnected: (event, { log }) => log(`over: ${event.data.callConnectionId}`),
    otherwise: (event, { log }) => log(event.type),
  },
} satisfies CallHandlers;
