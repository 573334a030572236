import { fastifyWith } from './fastify-with.ts';

export const start = () => fastifyWith('get-jwks (documented)');
