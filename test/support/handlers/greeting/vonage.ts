import type { VonageHandlers } from '../../../../shared/events/handlers.ts';

/** Logs each callback. */
export const vonage = {
  'session-monitoring': (event, { log }) => log(`session: ${event.event}`),
  archive: (event, { log }) => log(`archive: ${event.status}`),
  sip: (event, { log }) => log(`sip: ${event.event}`),
  'experience-composer': (event, { log }) => log(`experience composer: ${event.status}`),
  broadcast: (event, { log }) => log(`broadcast: ${event.status}`),
  captions: (event, { log }) => log(`captions: ${event.status}`),
} satisfies VonageHandlers;
