import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newSigningKey, rs256 } from './token.ts';
import type { SigningKey } from './token.ts';

/** Azure Communication Services as the receiver of its events sees it: an issuer with keys, and a source of events. */
export type Acs = {
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
  /** The immutable resource id: the audience of the tokens. */
  readonly resourceId: string;
  /** The key in use; the newest of those that the key set lists. */
  readonly signingKey: () => SigningKey;
  /** The claims of a token made now: five minutes of life, as documented. */
  readonly claims: () => Record<string, unknown>;
  readonly header: () => Record<string, unknown>;
  /** A new signed token, as each request carries one. */
  readonly token: () => string;
  /** Signs with a new key from now on; the key set lists it before the old ones. */
  readonly rotate: () => Promise<void>;
  /** Requests for keys that came, by path. */
  readonly fetches: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
};

const CONFIGURATION_PATH = '/calling/.well-known/acsopenidconfiguration';
const KEYS_PATH = '/calling/keys';
/** https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint */
const TOKEN_LIFE_SECONDS = 300;

export async function startAcs(): Promise<Acs> {
  const resourceId = randomUUID();
  let keys = [await newSigningKey(randomUUID())] as [SigningKey, ...SigningKey[]];
  const fetches: Record<string, number> = {};

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    fetches[path] = (fetches[path] ?? 0) + 1;
    const documents: Record<string, unknown> = {
      [CONFIGURATION_PATH]: { issuer, jwks_uri: `${issuer}${KEYS_PATH}` },
      [KEYS_PATH]: { keys: keys.map(({ jwk }) => jwk) },
    };
    const document = documents[path];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const header = () => ({ alg: 'RS256', typ: 'JWT', kid: keys[0].kid });
  const claims = () => {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: issuer,
      aud: resourceId,
      iat: now,
      nbf: now,
      exp: now + TOKEN_LIFE_SECONDS,
      jti: randomUUID(),
    };
  };
  return {
    issuer,
    openIdConfigurationUrl: `${issuer}${CONFIGURATION_PATH}`,
    resourceId,
    signingKey: () => keys[0],
    header,
    claims,
    token: () => rs256(header(), claims(), keys[0]),
    rotate: async () => {
      keys = [await newSigningKey(randomUUID()), ...keys];
    },
    fetches: () => fetches,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
