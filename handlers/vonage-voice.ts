import type { VonageVoiceHandlers } from '../shared/events/vonage-voice.ts';

/**
 * Your handlers for Vonage Voice. Each runs only for verified callbacks, once: Vonage gets the same NCCO again when it asks
 * again. `answer` has four seconds, `event` nine; `signal` aborts then.
 */
export const vonageVoice = {
  answer: (_event, { log }) => {
    log('a call was answered');
    return [{ action: 'talk', text: 'Hello. This call was verified.' }];
  },
  event: (event, { log }) => log(`call: ${event.status ?? 'an action ended'}`),
} satisfies VonageVoiceHandlers;
