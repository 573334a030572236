import type { VonageHandlers } from '../../../shared/events/handlers.ts';

/** Handlers that tell what they were given, staged in the place of handlers/vonage.ts. */
const failed = new Set<string>();

export const vonage = {
  'session-monitoring': (event, { log, reference }) =>
    log(`started ${event['mark']} session ${event.event} ${reference}`),
  archive: {
    available: (event, { log }) => log(`started ${event['mark']} available`),
    failed: (event, { log, idempotencyKey }) => {
      log(`started ${event['mark']} failed`);
      if (failed.has(idempotencyKey)) return;
      failed.add(idempotencyKey);
      throw new Error('this handler throws the first time');
    },
    otherwise: (event, { log }) => log(`started ${event['mark']} otherwise ${event.status}`),
  },
  sip: { callCreated: (event, { log }) => log(`started ${event['mark']} sip`) },
  'experience-composer': (event, { log }) => log(`started ${event['mark']} composer`),
  broadcast: (event, { log }) => log(`started ${event['mark']} broadcast`),
  captions: (event, { log }) => log(`started ${event['mark']} captions`),
} satisfies VonageHandlers;
