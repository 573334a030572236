import { createServer } from 'node:http';
import { listening } from './listening.ts';
import { newSigningKey } from './token.ts';
import type { SigningKey } from './token.ts';

/** A server of the forger's on loopback, to which a receiver must send nothing. It publishes the forger's key. */
export type Trap = {
  readonly origin: string;
  readonly key: SigningKey;
  /** How many requests came for the forgery of this name, which begins the path. */
  readonly hits: (forgery: string) => number;
  readonly close: () => Promise<void>;
};

/** @param port 0 for any free one */
export async function startTrap(port: number): Promise<Trap> {
  const key = await newSigningKey('key-of-the-forger');
  const hits = new Map<string, number>();
  const server = createServer(({ url = '' }, response) => {
    const [, forgery = ''] = url.split(/[/?]/);
    hits.set(forgery, (hits.get(forgery) ?? 0) + 1);
    const issuer = `${origin}/${forgery}`;
    const document = url.includes('/.well-known/')
      ? { issuer, jwks_uri: `${issuer}/keys` }
      : { keys: [key.jwk, { ...key.jwk, kid: issuer }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  const { down, ...at } = await listening(server, port);
  const origin = `http://127.0.0.1:${at.port}`;
  return { origin, key, hits: (forgery) => hits.get(forgery) ?? 0, close: down };
}
