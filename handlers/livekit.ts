import type { LiveKitHandlers } from '../shared/events/livekit.ts';

/**
 * Your handlers for the webhooks of LiveKit: one function for each event, and `otherwise` for the rest. Each runs only for
 * verified events, once. Returning means done. If a handler throws, also because its signal aborted
 * (`signal.throwIfAborted()`), LiveKit retries the event.
 */
export const livekit = {
  room_started: (event, { log }) => log(`room ${event.room?.sid} started`),
  room_finished: (event, { log }) => log(`room ${event.room?.sid} finished`),
  egress_ended: (event, { log }) => log(`egress ${event.egressInfo?.egressId}: ${event.egressInfo?.status}`),
  otherwise: (event, { log, reference }) => log(`room ${reference}: ${event.event}`),
} satisfies LiveKitHandlers;
