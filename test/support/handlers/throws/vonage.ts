import type { VonageHandlers } from '../../../../shared/events/handlers.ts';

const fail = () => {
  throw new Error('this handler always throws');
};

export const vonage = {
  'session-monitoring': fail,
  archive: fail,
  sip: fail,
  'experience-composer': fail,
  broadcast: fail,
  captions: fail,
} satisfies VonageHandlers;
