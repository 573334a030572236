import { randomUUID } from 'node:crypto';
import { startIssuer } from '../../fakes/issuer.ts';
import type { Issuer } from '../../fakes/issuer.ts';
import { rs256 } from '../../fakes/token.ts';

/** Azure Communication Services as the receiver of its events sees it. */
export type Acs = Issuer & {
  /** The immutable resource id: the audience of the tokens. */
  readonly resourceId: string;
  readonly header: () => Record<string, unknown>;
  /** The claims of a token made now. */
  readonly claims: () => Record<string, unknown>;
  /** A new signed token, as each request carries one. Whether genuine ones have a `jti` is not known. */
  readonly token: () => string;
  /** A token as each WebSocket carries one: it lives a day. */
  readonly mediaToken: () => string;
  readonly close: () => Promise<void>;
};

/** https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint */
const PATHS = {
  configurationPath: '/calling/.well-known/acsopenidconfiguration',
  keysPath: '/calling/keys',
};
const TOKEN_LIFE_SECONDS = 300;
/** https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint */
const MEDIA_TOKEN_LIFE_SECONDS = 86_400;

/** Without a certificate for 127.0.0.1 and its key, in PEM, it speaks http. Resource and port are new ones by default. */
export async function startAcs(
  options: { tls?: { cert: string; key: string }; resourceId?: string; port?: number } = {},
): Promise<Acs> {
  const { tls, resourceId = randomUUID(), port } = options;
  const issuer = await startIssuer({ ...PATHS, tls, port });
  const header = () => ({ alg: 'RS256', typ: 'JWT', kid: issuer.signingKey().kid });
  const claims = () => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now, exp: now + TOKEN_LIFE_SECONDS };
    return { iss: issuer.issuer, aud: resourceId, ...times, jti: randomUUID() };
  };
  return {
    ...issuer,
    resourceId,
    header,
    claims,
    token: () => rs256(header(), claims(), issuer.signingKey()),
    mediaToken: () => {
      const exp = Math.floor(Date.now() / 1000) + MEDIA_TOKEN_LIFE_SECONDS;
      return rs256(header(), { ...claims(), exp }, issuer.signingKey());
    },
    close: issuer.down,
  };
}
