import type { Call } from '../../../../shared/events/actions.ts';
import type { CallHandlers } from '../../../../shared/events/handlers.ts';

/** Listens for a tone, and for another one after each, until the caller hangs up. Leaves calls that it did not answer. */
export const calls = {
  incoming: async (_event, { ring }) => void (await ring.answer({ operationContext: 'menu' })),
  events: {
    CallConnected: (event, { call }) =>
      event.data.operationContext === 'menu' ? listen(call) : call.hangUp(),
    RecognizeCompleted: (_event, { call }) => listen(call),
  },
} satisfies CallHandlers;

const listen = async (call: Call) =>
  call.recognize(await call.caller(), { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1 });
