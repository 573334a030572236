import type { AddressInfo } from 'node:net';
import { contenders } from '../../contenders/rs256.ts';
import { peer } from '../../harness/peers.ts';
import { ROUTE } from '../genuine-requests.ts';
import { issuer } from './environment.ts';

type Request = { readonly headers: { readonly authorization?: string } };
type Reply = { code(status: number): { send(body?: string): unknown } };

/** Fastify with one of the verifiers of fast-jwt. */
export async function fastifyWith(way: string): Promise<number> {
  const contender = contenders.find(({ name }) => name === `fast-jwt, ${way}`);
  if (!contender) throw new Error(`there is no fast-jwt, ${way}`);
  const { default: fastify } = await peer('fastify');
  const verify = await contender.make(issuer);
  const app = fastify();
  app.post(ROUTE, async ({ headers }: Request, reply: Reply) => {
    try {
      await verify(headers.authorization?.split(' ')[1] ?? '');
    } catch {
      return reply.code(401).send('');
    }
    return reply.code(200).send('');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}
