import type { CallHandlers } from '../../../../shared/events/handlers.ts';

/** Answers, and acts in the call at its first event. */
export const calls = {
  incoming: (_event, { ring }) => ring.answer(),
  events: {
    CallConnected: (_event, { call }) => call.play({ file: 'https://example.com/greeting.wav' }),
    otherwise: (event, { log }) => log(event.type),
  },
  recordingFileStatusUpdated: (_event, { log }) => log('a recording is ready'),
} satisfies CallHandlers;
