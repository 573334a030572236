import type { TwilioHandlers } from '../shared/events/twilio.ts';

/**
 * Your handlers for the webhooks of Twilio, one function for each kind. Each runs only for verified requests. What `voice`
 * and `messages` return is what Twilio does next: TwiML, or nothing. Make every URL of this app in it with `url`, and put
 * what others wrote or said into it with `twiml`.
 */
export const twilio = {
  voice(event, { query, twiml, url }) {
    if (query['step'] === 'pressed')
      return twiml`<Response><Say>You pressed ${event.Digits}.</Say></Response>`;
    const action = url('voice', { step: 'pressed' });
    return twiml`<Response><Gather numDigits="1" action="${action}"><Say>Press a key.</Say></Gather></Response>`;
  },
  status: (event, { log, reference }) => log(`${reference}: ${event.MessageStatus ?? event.CallStatus}`),
} satisfies TwilioHandlers;
