import type { MediaHandler } from '../../../../shared/events/handlers.ts';

export const media = (() => {
  throw new Error('this handler always throws');
}) satisfies MediaHandler;
