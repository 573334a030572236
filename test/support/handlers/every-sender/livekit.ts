import type { LiveKitHandlers } from '../../../../shared/events/livekit.ts';

export const livekit = { otherwise: (event, { log }) => log(event.event) } satisfies LiveKitHandlers;
