import type { CallHandlers } from '../../../../shared/events/handlers.ts';

export const calls = {
  incoming: async (_event, { ring }) => void (await ring.answer()),
  events: {
    async CallConnected(_event, { call }) {
      await call.hangUp();
      // The service refuses: there is no such call any more.
      await call.hangUp();
    },
    otherwise: () => {},
  },
} satisfies CallHandlers;
