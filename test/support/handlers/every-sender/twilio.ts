import type { TwilioHandlers } from '../../../../shared/events/twilio.ts';

export const twilio = {
  voice: (_event, { twiml }) => twiml`<Response><Say>Good day.</Say></Response>`,
  messages: (_event, { twiml }) => twiml`<Response/>`,
  status: (_event, { log }) => log('status'),
} satisfies TwilioHandlers;
