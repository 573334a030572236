import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { isSigned } from '../is-signed.ts';
import { issuer } from './environment.ts';
import { listening } from './listening.ts';

/** The least that any server can do which proves a token: it reads the request and computes one signature. */
export async function start(): Promise<number> {
  const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: [JsonWebKey] };
  const key = createPublicKey({ key: keys[0], format: 'jwk' });
  return listening((request, response) => {
    request.resume().on('end', () => {
      const genuine = isSigned(request.headers.authorization, key);
      response.writeHead(genuine ? 200 : 401, { 'content-length': 0 }).end();
    });
  });
}
