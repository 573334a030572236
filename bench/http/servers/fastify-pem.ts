import { fastifyWith } from './fastify-with.ts';

/** With a key that is in hand: the fastest that fast-jwt can be. */
export const start = () => fastifyWith('a PEM (best)');
