import type { VonageMessagesHandlers } from '../shared/events/vonage-messages.ts';

/**
 * Your handlers for Vonage Messages. Each runs only for verified callbacks, once. Returning means done. If a handler throws,
 * Vonage sends the callback again.
 */
export const vonageMessages = {
  inbound: (event, { log }) => log(`${event.channel} message: ${event.message_type}`),
  status: (event, { log }) => log(`message ${event.message_uuid}: ${event.status}`),
} satisfies VonageMessagesHandlers;
