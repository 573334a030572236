import type { CallHandlers } from '../../../../shared/events/handlers.ts';

/** Answers, plays a greeting and hangs up. Tests use these handlers: those of the checkout are the user's. */
export const calls = {
  async incoming(_event, { ring, log }) {
    if (ring.missed) return log('missed');
    await ring.answer({ operationContext: 'greet' });
    log('answered');
  },
  events: {
    async CallConnected(event, { call, log }) {
      log(`connected: ${event.data.callConnectionId}`);
      if (event.data.operationContext === 'greet')
        await call.play({ file: 'https://example.com/greeting.wav' });
    },
    PlayCompleted: async (_event, { call }) => call.hangUp(),
    CallDisconnected: (event, { log }) => log(`over: ${event.data.callConnectionId}`),
    otherwise: (event, { log }) => log(event.type),
  },
} satisfies CallHandlers;
