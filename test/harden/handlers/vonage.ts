import type { VonageHandlers } from '../../../shared/events/handlers.ts';

export const vonage = { archive: () => {} } satisfies VonageHandlers;
