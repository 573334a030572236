import { randomUUID } from 'node:crypto';
import { publishKeys } from '../../fakes/key-publisher.ts';
import { rs256 } from '../../fakes/token.ts';
import type { SigningKey } from '../../fakes/token.ts';

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
export async function startEntra(
  options: { tls?: { cert: string; key: string }; tenantId?: string; port?: number } = {},
) {
  const { tls, tenantId = randomUUID(), port } = options;
  const sender = { oid: randomUUID(), appId: EVENT_GRID_APP_ID };
  const v1 = `https://sts.windows.net/${tenantId}/`;
  const publisher = await publishKeys({
    names: ['configuration-v1', 'configuration-v2', 'keys'],
    documents: (origin, keys) => {
      const configuration = (issuer: string, path: string) => () => ({
        issuer,
        jwks_uri: `${origin}${path}`,
      });
      const [keysV1, keysV2] = ['/common/discovery/keys', `/${tenantId}/discovery/v2.0/keys`];
      const list = {
        name: 'keys',
        right: () => ({ keys: keys().map((key) => listed(key, origin)) }),
      } as const;
      return {
        [`/${tenantId}/.well-known/openid-configuration`]: {
          name: 'configuration-v1',
          right: configuration(v1, keysV1),
        },
        [`/${tenantId}/v2.0/.well-known/openid-configuration`]: {
          name: 'configuration-v2',
          right: configuration(`${origin}/${tenantId}/v2.0`, keysV2),
        },
        [keysV1]: list,
        [keysV2]: list,
      };
    },
    tls,
    port,
  });
  const { origin: authority } = publisher;
  const issuers = { 1: v1, 2: `${authority}/${tenantId}/v2.0` } as const;
  const { signingKey } = publisher;

  const header = () => ({ typ: 'JWT', alg: 'RS256', x5t: signingKey().kid, kid: signingKey().kid });

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
      // 2: the application authenticated with a certificate.
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
    ...publisher,
    tenantId,
    /** What the tenants' URLs start with, as `https://login.microsoftonline.com` does. */
    authority,
    /** The issuer of the tokens of each version. */
    issuers,
    header,
    claims,
    /** A signed token as Event Grid carries it to a protected webhook: one for many deliveries. */
    token: (about: EntraTokenOptions): string =>
      rs256(header(), { ...claims(about), ...about.claims }, signingKey()),
    close: publisher.down,
  };
}

export type Entra = Awaited<ReturnType<typeof startEntra>>;

/** As Entra lists a key: without `alg`, which RFC 7517 leaves optional, and for every tenant. */
export function listed({ kid, jwk }: SigningKey, authority: string) {
  const { alg: _, ...rest } = jwk;
  return { ...rest, x5t: kid, issuer: `${authority}/{tenantid}/v2.0` };
}
