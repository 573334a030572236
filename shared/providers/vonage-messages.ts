import { vonageMessagesStates } from '../events/vonage-messages.ts';
import type { VonageMessagesHandlers } from '../events/vonage-messages.ts';
import { accountProvider } from './vonage/account.ts';

const referenceOf = ({ message_uuid }: Readonly<Record<string, unknown>>) => message_uuid;

/** Vonage Messages: what people write to you, and what becomes of what you send. */
export const vonageMessages = accountProvider<{ readonly vonageMessages?: VonageMessagesHandlers }>({
  name: 'vonage-messages',
  title: 'Vonage Messages',
  methods: ['POST'],
  kinds: ({ vonageMessages: { inbound, status } = {} }) => ({
    inbound: { states: [], handler: inbound, referenceOf },
    status: { states: vonageMessagesStates, handler: status, referenceOf },
  }),
});
