import type { VonageMessagesHandlers } from '../../../../shared/events/vonage-messages.ts';

export const vonageMessages = {
  inbound: (_event, { log }) => log('inbound'),
  status: (_event, { log }) => log('status'),
} satisfies VonageMessagesHandlers;
