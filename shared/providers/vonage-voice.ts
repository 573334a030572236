import type { Reply } from '../delivery/endpoint.ts';
import { vonageVoiceStates } from '../events/vonage-voice.ts';
import type { VonageVoiceHandlers } from '../events/vonage-voice.ts';
import { accountProvider } from './vonage/account.ts';

/** Then Vonage asks again. https://developer.vonage.com/en/voice/voice-api/guides/troubleshooting */
const ANSWER_WAIT_SECONDS = 5;
/** The longest that can be set. https://api.support.vonage.com/hc/en-us/articles/17498678806044 */
const EVENT_WAIT_SECONDS = 10;

const ncco = (waitSeconds: number, serialize: Reply['serialize']): Reply => ({
  waitSeconds,
  contentType: 'application/json',
  serialize,
});

/** An `answer` without an NCCO is one without actions. */
const answerReply = ncco(ANSWER_WAIT_SECONDS, (returned) => {
  const actions = returned ?? [];
  if (!Array.isArray(actions)) throw new TypeError('answer must return an NCCO: an array of actions');
  return JSON.stringify(actions);
});

/** Of most events Vonage ignores the response. */
const eventReply = ncco(EVENT_WAIT_SECONDS, (returned) =>
  Array.isArray(returned) ? JSON.stringify(returned) : '',
);

/** Vonage Voice: what a call does when it is answered, and what happens to it. */
export const vonageVoice = accountProvider<{ readonly vonageVoice?: VonageVoiceHandlers }>({
  name: 'vonage-voice',
  title: 'Vonage Voice',
  methods: ['GET', 'POST'],
  waitSeconds: ANSWER_WAIT_SECONDS,
  kinds: ({ vonageVoice: { answer, event } = {} }) => ({
    answer: { states: [], handler: answer, referenceOf: ({ uuid }) => uuid, reply: answerReply },
    event: {
      states: vonageVoiceStates,
      handler: event,
      referenceOf: ({ uuid, call_uuid }) => uuid ?? call_uuid,
      reply: eventReply,
    },
  }),
});
