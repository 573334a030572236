import type { RejectionReason } from '../../../shared/reasons.ts';
import type { EntraTokenOptions } from './entra.ts';
import { forgery, withHeaders, withQuery, withToken } from '../forgery.ts';
import type { Forgery, GenuineIncoming } from '../forgery.ts';

type IncomingForgery = Forgery<GenuineIncoming>;

/** The delivery with one header changed; without a value it is left out. */
export function withHeader({ request }: GenuineIncoming, name: string, ...values: readonly string[]) {
  const others = request.headers.filter(([header]) => header !== name);
  return { ...request, headers: [...others, ...values.map((value) => [name, value] as const)] };
}

const keyOf = ({ request }: GenuineIncoming) =>
  request.headers.find(([name]) => name === 'x-ringward-key')?.[1] ?? '';

export const sharedKeys: readonly IncomingForgery[] = [
  forgery('no-credentials', 'shared-key-missing', ({ request }) => ({
    ...request,
    headers: request.headers.filter(([name]) => !['x-ringward-key', 'authorization'].includes(name)),
  })),
  forgery('shared-key-missing', 'shared-key-missing', (genuine) => withHeader(genuine, 'x-ringward-key')),
  forgery('shared-key-empty', 'shared-key-wrong', (genuine) => withHeader(genuine, 'x-ringward-key', '')),
  forgery('shared-key-wrong', 'shared-key-wrong', (genuine) =>
    withHeader(genuine, 'x-ringward-key', 'guess'),
  ),
  forgery('shared-key-truncated', 'shared-key-wrong', (genuine) =>
    withHeader(genuine, 'x-ringward-key', keyOf(genuine).slice(0, -1)),
  ),
  forgery('shared-key-repeated', 'shared-key-wrong', (genuine) =>
    withHeader(genuine, 'x-ringward-key', keyOf(genuine), keyOf(genuine)),
  ),
  forgery('shared-key-wrong-in-header-right-in-query', 'shared-key-wrong', (genuine) =>
    withQuery({ request: withHeader(genuine, 'x-ringward-key', 'guess') }, (query) =>
      query.set('key', keyOf(genuine)),
    ),
  ),
  forgery('shared-key-twice-in-query', 'shared-key-wrong', (genuine) =>
    withQuery({ request: withHeader(genuine, 'x-ringward-key') }, (query) => {
      query.append('key', keyOf(genuine));
      query.append('key', keyOf(genuine));
    }),
  ),
];

export const subscriptions: readonly IncomingForgery[] = [
  forgery('subscription-unlisted', 'subscription-not-allowed', (genuine) =>
    withHeader(genuine, 'aeg-subscription-name', 'ANOTHER'),
  ),
  forgery('subscription-missing', 'subscription-not-allowed', (genuine) =>
    withHeader(genuine, 'aeg-subscription-name'),
  ),
  forgery('topic-of-another-resource', 'topic-not-allowed', ({ request }) => ({
    ...request,
    body: String(request.body).replace(/"topic":"[^"]+"/, '"topic":"/subscriptions/another/resource"'),
  })),
];

/** Signed by the tenant, but not what Event Grid is given. */
function claiming(
  name: string,
  reason: RejectionReason,
  claims: Record<string, unknown>,
  options: Partial<EntraTokenOptions> = {},
): IncomingForgery {
  return forgery(name, reason, (genuine) =>
    withToken(genuine, genuine.entra.token({ audience: genuine.audience, ...options, claims })),
  );
}

const OTHER = 'b5dd8a1c-0000-4000-8000-000000000000';
const past = Math.floor(Date.now() / 1000) - 7200;

export const entraTokens: readonly IncomingForgery[] = [
  forgery('entra-token-missing', 'token-missing', (genuine) => withHeaders(genuine, () => [])),
  forgery('entra-token-under-another-header', 'token-missing', (genuine) =>
    withHeaders(genuine, (token) => [['authentication', `Bearer ${token}`]]),
  ),
  claiming('entra-tenant-of-another', 'token-issuer', {
    iss: `https://sts.windows.net/${OTHER}/`,
    tid: OTHER,
  }),
  claiming('entra-issuer-and-tid-apart', 'token-tenant', { tid: OTHER }),
  claiming('entra-tid-missing', 'token-tenant', { tid: undefined }),
  claiming('entra-issuer-without-slash', 'token-issuer', { iss: 'https://sts.windows.net' }),
  claiming('entra-application-of-another', 'token-application', { appid: OTHER }),
  claiming('entra-application-missing', 'token-application', { appid: undefined }),
  claiming('entra-application-of-another-v2', 'token-application', { azp: OTHER }, { version: 2 }),
  claiming('entra-application-only-in-azp', 'token-application', {
    appid: OTHER,
    azp: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
  }),
  claiming('entra-role-missing', 'token-role', { roles: undefined }),
  claiming('entra-role-as-text', 'token-role', { roles: 'AzureEventGridSecureWebhookSubscriber' }),
  claiming('entra-role-of-another', 'token-role', { roles: ['Reader'] }),
  claiming('entra-role-within-a-name', 'token-role', { roles: ['NotAzureEventGridSecureWebhookSubscriber'] }),
  claiming('entra-audience-of-another', 'token-audience', { aud: 'api://another' }),
  claiming('entra-expired', 'token-expired', { iat: past - 3600, nbf: past - 3600, exp: past }),
  claiming('entra-expiry-missing', 'token-expiry-missing', { exp: undefined }),
  claiming('entra-not-yet-valid', 'token-not-yet-valid', { nbf: past + 14_400 }),
  forgery('call-automation-token', 'token-issuer', (genuine) => withToken(genuine, genuine.acs.token())),
];
