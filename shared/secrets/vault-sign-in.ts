import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import type { SecretClientOptions } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import { signInFailure } from './vault-failure.ts';

/** A token that expires sooner is asked for anew. */
const MARGIN_MS = 5 * 60_000;
/** A refused token is renewed at most once in this time. */
const RENEW_AFTER_MS = 10_000;

/** The part of `ManagedIdentityCredential` that can ignore its cache of tokens. No option of the SDK reaches it. */
type WithMsal = {
  readonly managedIdentityApp?: {
    acquireToken(request: { resource: string; forceRefresh: boolean }): Promise<unknown>;
  };
};
/** Code of ours between the SDK and the network. */
export type RequestPolicy = NonNullable<SecretClientOptions['additionalPolicies']>[number]['policy'];
type Response = Awaited<ReturnType<RequestPolicy['sendRequest']>>;

/**
 * The sign-in to a vault. The SDKs send a token until shortly before it expires, although the vault refuses it. Here a
 * 401 with a challenge makes the identity issue another token.
 */
export function vaultSignIn(source: TokenCredential, clock: Clock) {
  let current: { readonly scopes: string; readonly token: AccessToken } | undefined;
  let asked: { scopes: string | string[]; options: GetTokenOptions } = { scopes: [], options: {} };
  let isRefused = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let pending = 0;
  const refused = new WeakMap<object, { authorization: string | undefined; response: Response }>();

  async function fromSource(isRenewal: boolean): Promise<AccessToken> {
    const { scopes, options } = asked;
    pending++;
    try {
      if (isRenewal) {
        renewedAt = clock.ticks();
        const resource = [scopes].flat().join(' ').replace('/.default', '');
        await (source as WithMsal).managedIdentityApp?.acquireToken({ resource, forceRefresh: true });
      }
      const token = await source.getToken(scopes, options);
      if (!token) throw new Error('no token');
      current = { scopes: String(scopes), token };
      return token;
    } catch (thrown) {
      throw signInFailure(thrown);
    } finally {
      pending--;
    }
  }

  const mayRenew = () => clock.ticks() - renewedAt >= RENEW_AFTER_MS;

  const credential: TokenCredential = {
    async getToken(scopes, options = {}) {
      asked = { scopes, options };
      const isFresh =
        current?.scopes === String(scopes) && current.token.expiresOnTimestamp - MARGIN_MS > Date.now();
      const known = isFresh ? current?.token : undefined;
      const token = isRefused && mayRenew() ? await fromSource(true) : (known ?? (await fromSource(false)));
      // The SDK keeps tokens of its own. One that seems to expire makes it ask here each time.
      return { token: token.token, expiresOnTimestamp: Date.now() };
    },
  };

  /** Sees every request as it is sent. */
  const policy: RequestPolicy = {
    name: 'ringwardTokenRenewal',
    async sendRequest(request, next) {
      const earlier = refused.get(request);
      // The SDK answers a challenge by sending the same token again.
      if (earlier && earlier.authorization === request.headers.get('authorization')) return earlier.response;
      let response = await next(request);
      if (isRefusal(response) && mayRenew()) {
        isRefused = true;
        const { token } = await fromSource(true);
        request.headers.set('authorization', `Bearer ${token}`);
        response = await next(request);
      }
      isRefused = isRefusal(response);
      if (isRefused) refused.set(request, { authorization: request.headers.get('authorization'), response });
      return response;
    },
  };

  /** The first request of a client carries no token, to learn from the challenge where to get one. */
  const isRefusal = ({ status, headers, request }: Response) =>
    status === 401 && request.headers.has('authorization') && headers.has('www-authenticate');

  return {
    credential,
    policy,
    /** Whether a token is being waited for. */
    isPending: () => pending > 0,
  };
}
