import type { CallHandlers } from '../../../../shared/events/handlers.ts';

const fail = () => {
  throw new Error('this handler always throws');
};

export const calls = { incoming: fail, events: { otherwise: fail } } satisfies CallHandlers;
