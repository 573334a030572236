import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { IncomingRequest } from '../../shared/delivery/body.ts';
import { peer } from '../harness/install.ts';
import { CALLBACKS, ringward } from '../ringward.ts';
import { rs256Verifiers } from '../verifiers/rs256.ts';
import { issuer, ringwardEnvironment } from './environment.ts';
import { ROUTE } from './requests.ts';

type Server = {
  readonly name: string;
  /** What it does with a request. */
  readonly does: string;
  readonly through: '@azure/functions' | 'node:http';
  /** @returns the port */
  readonly start: () => Promise<number>;
};

const TOKEN = 'token, JSON body';

/** Every server that receives the same genuine requests. The first of each kind is Ringward. */
export const servers: readonly Server[] = [
  {
    name: 'Ringward',
    does: 'everything: checks, replay rules, lease, sample handler, log entry',
    through: '@azure/functions',
    start: () => functionsApp('../../functions/main.ts'),
  },
  {
    name: 'Ringward without its checks',
    does: 'lease, sample handler, log entry',
    through: '@azure/functions',
    start: () => functionsApp('apps/without-checks.ts'),
  },
  {
    name: 'one signature in an app',
    does: 'one crypto.verify; no claims, no body',
    through: '@azure/functions',
    start: () => functionsApp('apps/one-signature.ts'),
  },
  {
    name: 'Ringward behind node:http',
    does: 'everything: checks, replay rules, lease, sample handler, log entry',
    through: 'node:http',
    async start() {
      const { calls } = await import('../../handlers/calls.ts');
      const { receive, warm } = ringward(CALLBACKS, ringwardEnvironment(), { handlers: { calls } });
      await warm();
      return listen(async (message, response) => {
        const { status, headers, body = '' } = await receive(webRequest(message));
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
      });
    },
  },
  {
    name: 'express-oauth2-jwt-bearer',
    does: `${TOKEN}; follows the issuer's keys`,
    through: 'node:http',
    async start() {
      const { default: express } = await peer('express');
      const { auth } = await peer('express-oauth2-jwt-bearer');
      const app = express();
      // Documented for an issuer whose configuration has another address than the standard's.
      const { jwksUri, audience } = issuer;
      app.use(auth({ issuer: issuer.issuer, jwksUri, audience, tokenSigningAlg: 'RS256' }));
      app.use(express.json());
      app.post(ROUTE, (_request: unknown, response: ExpressResponse) => response.status(200).end());
      return listen(app);
    },
  },
  {
    name: 'Express, jsonwebtoken, one jwks-rsa client',
    does: `${TOKEN}; follows the issuer's keys`,
    through: 'node:http',
    start: () => expressApp('jsonwebtoken, one jwks-rsa client'),
  },
  {
    name: 'Fastify, fast-jwt, get-jwks',
    does: `${TOKEN}; follows the issuer's keys`,
    through: 'node:http',
    start: () => fastifyApp('fast-jwt, get-jwks'),
  },
  {
    name: 'node:http alone',
    does: 'nothing',
    through: 'node:http',
    start: () =>
      listen((message, response) => {
        message.resume().on('end', () => response.writeHead(200, { 'content-length': 0 }).end());
      }),
  },
];

/** Serves an app through the real `@azure/functions` library. Discards its log. */
async function functionsApp(file: string): Promise<number> {
  Object.assign(process.env, ringwardEnvironment());
  const { serveApp } = await import('../../local/host/serve.ts');
  const { url } = await serveApp({ app: path.resolve(import.meta.dirname, file), port: 0 });
  return Number(new URL(url).port);
}

/** Listens on a free port of loopback. */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The adapter from `node:http` to the pipeline. */
function webRequest(message: IncomingMessage): IncomingRequest {
  const { remoteAddress, remotePort } = message.socket;
  // A proxy in front of an app adds the sender's address.
  const headers: Record<string, unknown> = {
    ...message.headers,
    'x-forwarded-for': `${remoteAddress}:${remotePort}`,
  };
  const chunks = message[Symbol.asyncIterator]();
  return {
    url: `http://127.0.0.1${message.url}`,
    headers: { get: (name) => (headers[name] === undefined ? null : String(headers[name])) },
    body: { getReader: () => ({ read: () => chunks.next(), cancel: async () => chunks.return?.() }) },
  };
}

type TokenHeaders = { readonly authorization?: string | undefined };
const bearer = ({ authorization = '' }: TokenHeaders) => authorization.slice('Bearer '.length);

type ExpressRequest = { readonly headers: TokenHeaders; readonly body: unknown };
type ExpressResponse = { status(code: number): { end(): void } };

async function expressApp(name: keyof typeof rs256Verifiers): Promise<number> {
  const { default: express } = await peer('express');
  const verify = await rs256Verifiers[name].create(issuer);
  const app = express();
  app.use(express.json());
  app.post(ROUTE, async ({ headers, body }: ExpressRequest, response: ExpressResponse) => {
    try {
      await verify(bearer(headers));
    } catch {
      return response.status(401).end();
    }
    return response.status(Array.isArray(body) ? 200 : 400).end();
  });
  return listen(app);
}

type FastifyReply = { code(status: number): { send(body: string): unknown } };

async function fastifyApp(name: keyof typeof rs256Verifiers): Promise<number> {
  const { default: fastify } = await peer('fastify');
  const verify = await rs256Verifiers[name].create(issuer);
  const app = fastify();
  app.post(ROUTE, async ({ headers }: { headers: TokenHeaders }, reply: FastifyReply) => {
    try {
      await verify(bearer(headers));
    } catch {
      return reply.code(401).send('');
    }
    return reply.code(200).send('');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}
