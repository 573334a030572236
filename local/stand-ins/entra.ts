import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Document } from './issuer.ts';
import { listening } from './listening.ts';
import { newSigningKey, rs256 } from './token.ts';
import type { SigningKey } from './token.ts';

/** Event Grid's own application in the public cloud. */
export const EVENT_GRID_APP_ID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

export type EntraDocument = 'configuration-v1' | 'configuration-v2' | 'keys';

/** What a token is made of; `claims` go over the right ones, and one that is undefined is left out. */
export type EntraTokenOptions = {
  readonly audience: string;
  readonly version?: 1 | 2;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly lifeSeconds?: number;
};

/** Tokens of applications start a little in the past, and those of Microsoft's own live for a day. */
const LEEWAY_SECONDS = 300;
const LIFE_SECONDS = 24 * 3600;

/**
 * Microsoft Entra ID for one tenant: its OpenID configurations, its keys, and the tokens that Event Grid carries.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 *
 * @param options.tls a certificate for 127.0.0.1 and its key, in PEM; without them it speaks http
 */
export async function startEntra(options: { tls?: { cert: string; key: string }; tenantId?: string } = {}) {
  const { tls, tenantId = randomUUID() } = options;
  let keys: [SigningKey, ...SigningKey[]] = [await newSigningKey(randomUUID())];
  const fetches: Record<EntraDocument, number> = { 'configuration-v1': 0, 'configuration-v2': 0, keys: 0 };
  const playing: { [D in EntraDocument]?: Fault | ((right: Document) => unknown) | undefined } = {};
  const sender = { oid: randomUUID(), appId: EVENT_GRID_APP_ID };

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  const { port, down, up } = await listening(server);
  const authority = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const issuers = { 1: `https://sts.windows.net/${tenantId}/`, 2: `${authority}/${tenantId}/v2.0` } as const;
  const right: Record<EntraDocument, () => Document> = {
    'configuration-v1': () => ({ issuer: issuers[1], jwks_uri: `${authority}/common/discovery/keys` }),
    'configuration-v2': () => ({
      issuer: issuers[2],
      jwks_uri: `${authority}/${tenantId}/discovery/v2.0/keys`,
    }),
    keys: () => ({ keys: keys.map(listed) }),
  };
  const documents: Readonly<Record<string, EntraDocument>> = {
    [`/${tenantId}/.well-known/openid-configuration`]: 'configuration-v1',
    [`/${tenantId}/v2.0/.well-known/openid-configuration`]: 'configuration-v2',
    '/common/discovery/keys': 'keys',
    [`/${tenantId}/discovery/v2.0/keys`]: 'keys',
  };

  function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const document = documents[url];
    if (!document) return void faults['not-found'](response);
    fetches[document]++;
    const instead = playing[document];
    if (typeof instead === 'string') return void faults[instead](response);
    const content = instead ? instead(right[document]()) : right[document]();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  }

  const header = () => ({ typ: 'JWT', alg: 'RS256', x5t: keys[0].kid, kid: keys[0].kid });

  /** The claims of a token made now, as its version words them. */
  function claims({ audience, version = 1, lifeSeconds = LIFE_SECONDS }: EntraTokenOptions) {
    const now = Math.floor(Date.now() / 1000);
    const from = now - LEEWAY_SECONDS;
    return {
      aud: audience,
      iss: issuers[version],
      iat: from,
      nbf: from,
      exp: now + lifeSeconds,
      // 2: the application proved itself with a certificate.
      ...(version === 1
        ? { appid: sender.appId, appidacr: '2', idp: issuers[1] }
        : { azp: sender.appId, azpacr: '2' }),
      oid: sender.oid,
      roles: ['AzureEventGridSecureWebhookSubscriber'],
      sub: sender.oid,
      tid: tenantId,
      uti: randomUUID(),
      ver: `${version}.0`,
    };
  }

  return {
    tenantId,
    /** What the tenants' URLs start with, as `https://login.microsoftonline.com` does. */
    authority,
    /** The issuer of the tokens of each version. */
    issuers,
    signingKey: () => keys[0],
    header,
    claims,
    /** A signed token as Event Grid carries it to a protected webhook: one for many deliveries. */
    token: (about: EntraTokenOptions): string =>
      rs256(header(), { ...claims(about), ...about.claims }, keys[0]),
    /** Signs with a new key from now on; the key set lists it before the old ones. */
    async rotate() {
      keys = [await newSigningKey(randomUUID()), ...keys];
    },
    /** Takes every key but the one in use out of the key set. */
    retire() {
      keys = [keys[0]];
    },
    /** From now on the document is what this makes of the right one, or a fault; without it, as it should be. */
    play(document: EntraDocument, instead?: Fault | ((right: Document) => unknown)) {
      playing[document] = instead;
    },
    down,
    up,
    /** Requests that came, by document. */
    fetches: (): Readonly<Record<EntraDocument, number>> => ({ ...fetches }),
    close: down,
  };
}

export type Entra = Awaited<ReturnType<typeof startEntra>>;

/** As Entra lists a key: without `alg`, which RFC 7517 leaves optional. */
function listed({ kid, jwk }: SigningKey) {
  const { alg: _, ...rest } = jwk;
  return { ...rest, x5t: kid };
}
