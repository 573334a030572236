import type { VonageVoiceHandlers } from '../../../../shared/events/vonage-voice.ts';

export const vonageVoice = {
  answer: () => [{ action: 'talk', text: 'Good day.' }],
  event: (_event, { log }) => log('event'),
} satisfies VonageVoiceHandlers;
