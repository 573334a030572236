import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { listening } from './listening.ts';

/**
 * The endpoint where an app on App Service gets tokens for its managed identity.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function startManagedIdentity() {
  const header = randomUUID();
  const issued = new Set<string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const resource = url.searchParams.get('resource');
    if (request.headers['x-identity-header'] !== header || !resource)
      return void response.writeHead(400).end();
    const token = `${randomUUID()}.${resource}`;
    issued.add(token);
    const expires = Math.floor(Date.now() / 1000) + 3600;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ access_token: token, expires_on: String(expires), resource, token_type: 'Bearer' }),
    );
  });
  const { port, down } = await listening(server);
  return {
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: header },
    /** Whether an Authorization header carries a token that was issued here for a resource. */
    admits: (authorization: string | undefined, resource: string) => {
      const token = authorization?.replace(/^Bearer /, '') ?? '';
      return issued.has(token) && token.endsWith(`.${resource}`);
    },
    close: down,
  };
}

export type ManagedIdentity = Awaited<ReturnType<typeof startManagedIdentity>>;
