import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { listening } from './listening.ts';
import { hs256 } from './token.ts';

/**
 * The endpoint where an app on App Service gets tokens for its managed identity.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function startManagedIdentity() {
  const header = randomUUID();
  const issuer = `https://sts.windows.net/${randomUUID()}/`;
  const secret = randomUUID();
  /** The resource of each token. */
  const issued = new Map<string, string>();
  let fault: Fault | undefined;
  const server = createServer((request, response) => {
    if (fault) return void faults[fault](response);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const resource = url.searchParams.get('resource');
    if (request.headers['x-identity-header'] !== header || !resource)
      return void response.writeHead(400).end();
    const now = Math.floor(Date.now() / 1000);
    const expires = now + 3600;
    const claims = { iss: issuer, aud: resource, iat: now, nbf: now, exp: expires, ver: '1.0' };
    // Azurite looks into a token, though not at its signature.
    const token = hs256({ alg: 'HS256', typ: 'JWT' }, { ...claims, uti: randomUUID() }, secret);
    issued.set(token, resource);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ access_token: token, expires_on: String(expires), resource, token_type: 'Bearer' }),
    );
  });
  const { port, down } = await listening(server);
  return {
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: header },
    /** From now on every request for a token meets this fault; without it, it is well. */
    play: (next?: Fault) => {
      fault = next;
    },
    /** Whether an Authorization header carries a token that was issued here for a resource. */
    admits: (authorization: string | undefined, resource: string) =>
      issued.get(authorization?.replace(/^Bearer /, '') ?? '') === resource,
    /** Every token that was issued so far is refused from now on. */
    revoke: () => issued.clear(),
    /** How many tokens were issued for a resource. */
    issued: (resource: string) => [...issued.values()].filter((of) => of === resource).length,
    close: down,
  };
}

export type ManagedIdentity = Awaited<ReturnType<typeof startManagedIdentity>>;
