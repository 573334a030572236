import type { CallHandlers } from '../../../../shared/events/handlers.ts';

const RECEPTION = { targetParticipant: { communicationUserId: '8:acs:reception' } };

/** Redirects every call, and has no handler for anything else. */
export const calls = {
  incoming: async (_event, { ring }) => {
    if (!ring.missed) await ring.redirect(RECEPTION);
  },
} satisfies CallHandlers;
