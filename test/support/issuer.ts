import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rs256 } from '../../local/fakes/token.ts';
import type { SigningKey } from '../../local/fakes/token.ts';
import type { VerificationKey } from '../../shared/verification/jwks.ts';
import { isSignedWithAny, parseCompactJws } from '../../shared/verification/jwt.ts';

/** How a path of the issuer answers. */
export type Reply = RequestListener;

/** Answers with a body, a status and headers of the test's choice. */
export const answering = (
  body: string | Uint8Array,
  status = 200,
  headers: Record<string, string> = {},
): Reply => {
  return (_request, response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers })
      .end(body);
  };
};
export const json = (document: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  answering(JSON.stringify(document), status, headers);
/** A key set as an issuer lists it. */
export const keysOf = (...keys: readonly SigningKey[]): Reply => json({ keys: keys.map(({ jwk }) => jwk) });
/** Takes the request and never says a word. */
export const silence: Reply = () => {};
/** Sends its first bytes and then no more. */
export const dripping: Reply = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":');
};

export type ScriptedIssuer = Awaited<ReturnType<typeof startIssuer>>;

/** An issuer on loopback whose every answer is the test's to choose. */
export async function startIssuer() {
  const paths = new Map<string, Reply>();
  const requests: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    for (const { resolve } of waiting.filter(({ count }) => count <= requests.length)) resolve();
    (paths.get(path) ?? json({}, 404))(request, response);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  paths.set('/configuration', json({ issuer, jwks_uri: `${issuer}/keys` }));

  return {
    issuer,
    openIdConfigurationUrl: `${issuer}/configuration`,
    /** From now on `path` answers so. */
    at: (path: string, reply: Reply) => void paths.set(path, reply),
    /** The paths asked for, in their order. */
    requests: () => requests,
    /** Resolves when so many requests have come in all. */
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    /** From now on connections are refused. */
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    /** From now on connections are taken again. */
    start: () => listen(port),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether some of these public keys verify what the signing key signs. */
export async function belongTo(keys: readonly VerificationKey[], signingKey: SigningKey): Promise<boolean> {
  return isSignedWithAny(parseCompactJws(rs256({ alg: 'RS256' }, {}, signingKey)), 'RS256', keys);
}
