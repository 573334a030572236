import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { faults } from './faults.ts';
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

/** How the vault answers where the documentation leaves it open, or where a proxy stands before it. */
export type VaultHabits = {
  /** Before each answer. */
  latencyMs: number;
  /** How the versions of a secret are listed that does not exist. */
  absent: 'empty-page' | 'not-found';
  /** What the last page has for a next link; or one more page, without versions. */
  lastPage: 'null' | 'empty-text' | 'no-member' | 'empty-page';
  /** Whether the list ends; `to-itself`: each page links to itself. */
  nextLink: 'to-next' | 'to-itself' | 'to-another-host';
  /** Versions a page, where the request does not say. */
  pageSize: number;
  /** Whether the value of a version outside of its time is given. */
  outOfTime: 'given' | 'refused';
  /** What the challenge names; `foreign`: the vault of another cloud. */
  challenge: 'resource' | 'scope-and-bare-bearer' | 'foreign';
};

/** As Key Vault answers, as far as it is known. */
const HABITS: VaultHabits = {
  latencyMs: 0,
  absent: 'empty-page',
  lastPage: 'null',
  nextLink: 'to-next',
  pageSize: 25,
  outOfTime: 'given',
  challenge: 'resource',
};

const MAX_PAGE_SIZE = 25;
const SECONDS_UNTIL_RETRY = 120;

/** Ways in which a vault fails, besides those of every service. */
const vaultFaults = {
  ...faults,
  unauthorized: (response: ServerResponse) => challenge(response, 'resource', 'invalid_token'),
  forbidden: (response: ServerResponse) => json(response, 403, error('Forbidden', 'ForbiddenByRbac')),
  /** 429 with `Retry-After` in the form of a date. */
  'throttled-until': (response: ServerResponse) => {
    const until = new Date(Date.now() + SECONDS_UNTIL_RETRY * 1000).toUTCString();
    response.writeHead(429, { 'retry-after': until }).end();
  },
  'too-many': (response: ServerResponse) => json(response, 429, error('Throttled')),
  'bad-gateway': (response: ServerResponse) => response.writeHead(502).end('<html>Bad gateway</html>'),
  'empty-object': (response: ServerResponse) => json(response, 200, {}),
  /** A code that is no code of Key Vault. */
  'telling-code': (response: ServerResponse) => json(response, 403, error('the-token-was-SECRET')),
} satisfies Record<string, (response: ServerResponse) => unknown>;

export type VaultFault = keyof typeof vaultFaults;

/** The requests that meet a fault. Without any member: all, also those without a token. */
export type Where = {
  readonly secret?: string;
  /** The page of a list, from 1. */
  readonly page?: number;
  /** The id of the version whose value is asked for. */
  readonly version?: string;
};

/**
 * A fake Azure Key Vault, as far as `SecretClient` uses it for secrets. key-vault.md compares it with the documentation.
 */
export type KeyVault = {
  readonly url: string;
  readonly port: number;
  /** May be changed at any time. */
  readonly habits: VaultHabits;
  /** Adds a version to a secret; it is the newest from now on. */
  readonly add: (name: string, value: string, properties?: Partial<StoredVersion>) => StoredVersion;
  /** Soft-deletes a secret, or brings a deleted one back. */
  readonly delete: (name: string) => void;
  readonly recover: (name: string) => void;
  /** These requests meet this fault from now on; without one, the vault works. */
  readonly play: (fault?: VaultFault, where?: Where) => void;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Every request, also those that failed. */
  readonly attempts: () => number;
  /** Every request, also those that failed, by path without its query. */
  readonly attempted: () => readonly string[];
  /** Requests that carried a token, by path without its query. */
  readonly requests: () => readonly string[];
  /** Requests that have no answer yet; `busy` leaves out those that hang. */
  readonly open: () => number;
  readonly busy: () => number;
  readonly close: () => Promise<void>;
};

const RESOURCE = 'https://vault.azure.net';
const FOREIGN_RESOURCE = 'https://vault.azure.cn';

/** @param host the name under which the vault is known, such as `ringward.vault.azure.net` */
export async function startKeyVault(options: {
  host: string;
  tls: { cert: string; key: string };
  identity: ManagedIdentity;
}): Promise<KeyVault> {
  const { host, tls, identity } = options;
  const habits = { ...HABITS };
  const secrets = new Map<string, StoredVersion[]>();
  const deleted = new Map<string, StoredVersion[]>();
  const requests: string[] = [];
  let playing: { fault: VaultFault; where: Where } | undefined;

  const attempted: string[] = [];
  let open = 0;
  let hanging = 0;
  const server = createServer(tls, async (request, response) => {
    open++;
    response.once('close', () => open--);
    const asked = readRequest(request);
    attempted.push(asked.pathname);
    if (habits.latencyMs > 0) await wait(habits.latencyMs);
    if (playing && isMeant(asked, playing.where)) {
      if (playing.fault === 'hang') {
        hanging++;
        response.once('close', () => hanging--);
      }
      return void vaultFaults[playing.fault](response);
    }
    // The first request carries no token, to learn from the challenge where to get one.
    const { authorization } = request.headers;
    if (!identity.admits(authorization, RESOURCE))
      return challenge(response, habits.challenge, authorization === undefined ? undefined : 'invalid_token');
    requests.push(asked.pathname);
    answer(asked, response);
  });
  const { port, down, up } = await listening(server);
  const url = `https://${host}`;

  function readRequest({ method, url: target }: IncomingMessage) {
    const { pathname, searchParams } = new URL(target ?? '/', url);
    const [, collection, name = '', id = ''] = pathname.split('/');
    const from = Number(searchParams.get('$skiptoken'));
    const size = Number(searchParams.get('maxresults') ?? habits.pageSize);
    const page = id === 'versions' ? Math.floor(from / size) + 1 : undefined;
    return { method, pathname, collection, name: name.toLowerCase(), id, from, size, page, searchParams };
  }
  type Asked = ReturnType<typeof readRequest>;

  const isMeant = (asked: Asked, { secret, page, version }: Where): boolean =>
    (secret === undefined || secret.toLowerCase() === asked.name) &&
    (page === undefined || page === asked.page) &&
    (version === undefined || version === asked.id);

  function answer(
    { method, collection, name, id, from, size, searchParams }: Asked,
    response: ServerResponse,
  ) {
    if (method !== 'GET') return json(response, 405, error('BadParameter'));
    if (!/^(\d+\.\d+|\d{4}-\d\d-\d\d)/.test(searchParams.get('api-version') ?? ''))
      return json(response, 400, error('BadParameter'));
    const versions = collection === 'secrets' ? secrets.get(name) : undefined;
    if (id === 'versions') {
      if (!(size >= 1 && size <= MAX_PAGE_SIZE)) return json(response, 400, error('BadParameter'));
      if (!versions && habits.absent === 'not-found') return json(response, 404, error('SecretNotFound'));
      return json(response, 200, page(name, versions ?? [], from, size));
    }
    const byAge = versions?.toSorted((one, other) => other.created - one.created);
    const version = id === '' ? byAge?.[0] : versions?.find((one) => one.id === id);
    if (!version) return json(response, 404, error('SecretNotFound'));
    if (!version.enabled) return json(response, 403, error('Forbidden', 'SecretDisabled'));
    const now = Date.now() / 1000;
    const isInTime = now >= (version.notBefore ?? 0) && now < (version.expires ?? Number.POSITIVE_INFINITY);
    if (!isInTime && habits.outOfTime === 'refused') return json(response, 403, error('Forbidden'));
    json(response, 200, { value: version.value, ...described(name, version) });
  }

  /** By id: the order of versions is not promised. */
  function page(name: string, versions: readonly StoredVersion[], from: number, size: number) {
    const to = from + size;
    const value = versions
      .toSorted((one, other) => one.id.localeCompare(other.id))
      .slice(from, to)
      .map((version) => described(name, version));
    const linkTo = (skip: number, at = url) =>
      `${at}/secrets/${name}/versions?api-version=7.6&$skiptoken=${skip}&maxresults=${size}`;
    if (habits.nextLink === 'to-itself') return { value, nextLink: linkTo(from) };
    if (to < versions.length) {
      const at = habits.nextLink === 'to-another-host' ? 'https://another.vault.azure.net' : url;
      return { value, nextLink: linkTo(to, at) };
    }
    if (habits.lastPage === 'empty-page' && value.length > 0) return { value, nextLink: linkTo(to) };
    if (habits.lastPage === 'no-member') return { value };
    return { value, nextLink: habits.lastPage === 'empty-text' ? '' : null };
  }

  function described(name: string, { id, enabled, created, notBefore, expires }: StoredVersion) {
    const attributes = { enabled, created, updated: created, nbf: notBefore, exp: expires };
    return { id: `${url}/secrets/${name}/${id}`, attributes };
  }

  function move(name: string, from: Map<string, StoredVersion[]>, to: Map<string, StoredVersion[]>): void {
    const versions = from.get(name.toLowerCase());
    if (!versions) throw new Error(`there is no secret ${name}`);
    from.delete(name.toLowerCase());
    to.set(name.toLowerCase(), versions);
  }

  return {
    url,
    port,
    habits,
    add(name, value, properties = {}) {
      const created = Math.floor(Date.now() / 1000);
      const version = { id: randomBytes(16).toString('hex'), value, enabled: true, created, ...properties };
      // Names have no case.
      secrets.set(name.toLowerCase(), [...(secrets.get(name.toLowerCase()) ?? []), version]);
      return version;
    },
    delete: (name) => move(name, secrets, deleted),
    recover: (name) => move(name, deleted, secrets),
    play: (fault, where = {}) => {
      playing = fault && { fault, where };
    },
    down,
    up,
    attempts: () => attempted.length,
    attempted: () => [...attempted],
    requests: () => [...requests],
    open: () => open,
    busy: () => open - hanging,
    close: down,
  };
}

/** @param cause why the token of the request is refused */
function challenge(response: ServerResponse, form: VaultHabits['challenge'], cause?: 'invalid_token'): void {
  const authorization = 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000';
  const resource = form === 'foreign' ? FOREIGN_RESOURCE : RESOURCE;
  const named =
    form === 'scope-and-bare-bearer' ? `scope="${resource}/.default", Bearer` : `resource="${resource}"`;
  const why = cause ? `, error="${cause}", error_description="the token is not valid"` : '';
  const header = `Bearer authorization="${authorization}", ${named}${why}`;
  response.writeHead(401, { 'www-authenticate': header });
  response.end(JSON.stringify(error('Unauthorized')));
}

const error = (code: string, inner?: string) => ({
  error: { code, message: code, ...(inner && { innererror: { code: inner } }) },
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
