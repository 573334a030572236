import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { listening } from './listening.ts';
import type { ManagedIdentity } from './managed-identity.ts';

/** A version of a secret, which a test may change. Times in seconds since the epoch. */
export type StoredVersion = {
  readonly id: string;
  readonly value: string;
  enabled: boolean;
  created: number;
  notBefore?: number;
  expires?: number;
};

/** A fake Azure Key Vault, as far as `SecretClient` uses it for secrets. */
export type KeyVault = {
  readonly url: string;
  readonly port: number;
  /** Adds a version to a secret; it is the newest from now on. */
  readonly add: (name: string, value: string, properties?: Partial<StoredVersion>) => StoredVersion;
  /** Every request meets this fault from now on; without one, the vault works. */
  readonly play: (fault?: Fault) => void;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Every request, also those that failed. */
  readonly attempts: () => number;
  /** Requests that carried a token, by path without its query. */
  readonly requests: () => readonly string[];
  readonly close: () => Promise<void>;
};

const RESOURCE = 'https://vault.azure.net';
/** As the service does. */
const PAGE_SIZE = 25;

/** @param host the name under which the vault is known, such as `ringward.vault.azure.net` */
export async function startKeyVault(options: {
  host: string;
  tls: { cert: string; key: string };
  identity: ManagedIdentity;
}): Promise<KeyVault> {
  const { host, tls, identity } = options;
  const secrets = new Map<string, StoredVersion[]>();
  const requests: string[] = [];
  let fault: Fault | undefined;

  let attempts = 0;
  const server = createServer(tls, (request, response) => {
    attempts++;
    if (fault) return void faults[fault](response);
    // The first request carries no token, to learn from the challenge where to get one.
    if (!identity.admits(request.headers.authorization, RESOURCE)) return challenge(response);
    answer(request, response);
  });
  const { port, down, up } = await listening(server);
  const url = `https://${host}`;

  function challenge(response: ServerResponse): void {
    const authorization = 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000';
    response.writeHead(401, {
      'www-authenticate': `Bearer authorization="${authorization}", resource="${RESOURCE}"`,
    });
    response.end();
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    requests.push(pathname);
    const [, , name = '', id = ''] = pathname.split('/');
    const versions = secrets.get(name);
    if (!versions) return json(response, 404, error('SecretNotFound'));
    if (id === 'versions')
      return json(response, 200, page(name, versions, Number(searchParams.get('$skiptoken'))));
    const version = id === '' ? versions.at(-1) : versions.find((one) => one.id === id);
    if (!version) return json(response, 404, error('SecretNotFound'));
    if (!version.enabled) return json(response, 403, error('Forbidden'));
    json(response, 200, { value: version.value, ...described(name, version) });
  }

  function page(name: string, versions: readonly StoredVersion[], from: number) {
    const to = from + PAGE_SIZE;
    return {
      value: versions.slice(from, to).map((version) => described(name, version)),
      nextLink:
        to < versions.length ? `${url}/secrets/${name}/versions?api-version=7.6&$skiptoken=${to}` : null,
    };
  }

  function described(name: string, { id, enabled, created, notBefore, expires }: StoredVersion) {
    const attributes = { enabled, created, updated: created, nbf: notBefore, exp: expires };
    return { id: `${url}/secrets/${name}/${id}`, attributes };
  }

  return {
    url,
    port,
    add(name, value, properties = {}) {
      const created = Math.floor(Date.now() / 1000);
      const version = { id: randomBytes(16).toString('hex'), value, enabled: true, created, ...properties };
      secrets.set(name, [...(secrets.get(name) ?? []), version]);
      return version;
    },
    play: (next) => {
      fault = next;
    },
    down,
    up,
    attempts: () => attempts,
    requests: () => [...requests],
    close: down,
  };
}

const error = (code: string) => ({ error: { code, message: code } });

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
