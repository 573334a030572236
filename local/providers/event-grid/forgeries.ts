import { randomUUID } from 'node:crypto';
import type { RejectionReason } from '../../../shared/reasons.ts';
import { rs256 } from '../../fakes/token.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import type { Acs } from '../call-automation/acs.ts';
import { foreignKey, unsigned } from '../algorithm-forgeries.ts';
import { forgery, withHeaders, withQuery, withToken } from '../forgery.ts';
import type { Forgery, Genuine } from '../forgery.ts';
import type { Entra, EntraTokenOptions } from './entra.ts';

/** A genuine delivery, and what signs another. */
export type GenuineEvent = Genuine & {
  readonly acs: Pick<Acs, 'token'>;
  readonly entra: Entra;
  /** The audience of Event Grid's tokens. */
  readonly audience: string;
};

type EventForgery = Forgery<GenuineEvent>;

/** Replaces one header, or removes it where no value is given. */
function withHeader({ request }: GenuineEvent, name: string, ...values: readonly string[]) {
  const others = request.headers.filter(([header]) => header !== name);
  return { ...request, headers: [...others, ...values.map((value) => [name, value] as const)] };
}

const keyOf = ({ request }: GenuineEvent) =>
  request.headers.find(([name]) => name === 'x-ringward-key')?.[1] ?? '';

const sharedKeys: readonly EventForgery[] = [
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

const subscriptions: readonly EventForgery[] = [
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
  // Only a CloudEvent has a source.
  forgery('topic-of-another-resource-beside-a-source', 'topic-not-allowed', ({ request }) => ({
    ...request,
    body: String(request.body).replace(
      /"topic":("[^"]+")/,
      '"topic":"/subscriptions/another/resource","source":$1',
    ),
  })),
];

/** Signed by the tenant, but with claims that Event Grid never gets. */
function claiming(
  name: string,
  reason: RejectionReason,
  claims: Record<string, unknown>,
  options: Partial<EntraTokenOptions> = {},
): EventForgery {
  return forgery(name, reason, (genuine) =>
    withToken(genuine, genuine.entra.token({ audience: genuine.audience, ...options, claims })),
  );
}

const OTHER = 'b5dd8a1c-0000-4000-8000-000000000000';
const past = Math.floor(Date.now() / 1000) - 7200;

const tokenOf = (genuine: GenuineEvent) => ({
  header: genuine.entra.header(),
  claims: genuine.entra.claims({ audience: genuine.audience }),
  carry: (token: string) => withToken(genuine, token),
});

const entraTokens: readonly EventForgery[] = [
  forgery('entra-token-missing', 'token-missing', (genuine) => withHeaders(genuine, () => [])),
  forgery('entra-token-under-another-header', 'token-missing', (genuine) =>
    withHeaders(genuine, (token) => [['authentication', `Bearer ${token}`]]),
  ),
  ...unsigned('entra-', tokenOf),
  forgery('entra-foreign-key', 'token-signature', (genuine) => {
    const { header, claims, carry } = tokenOf(genuine);
    return carry(rs256(header, claims, foreignKey()));
  }),
  claiming('entra-tenant-of-another', 'token-issuer', {
    iss: `https://sts.windows.net/${OTHER}/`,
    tid: OTHER,
  }),
  claiming('entra-issuer-and-tid-apart', 'token-tenant', { tid: OTHER }),
  claiming('entra-tid-missing', 'token-tenant', { tid: undefined }),
  claiming('entra-issuer-without-slash', 'token-issuer', { iss: 'https://sts.windows.net' }),
  forgery('entra-issuer-of-another-cloud', 'token-issuer', ({ entra, audience, ...genuine }) => {
    const claims = { iss: `https://sts.chinacloudapi.cn/${entra.tenantId}/` };
    return withToken(genuine, entra.token({ audience, claims }));
  }),
  claiming('entra-application-of-another', 'token-application', { appid: OTHER }),
  claiming('entra-application-of-another-cloud', 'token-application', {
    appid: '54316b56-3481-47f9-8f30-0300f5542a7b',
  }),
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
  claiming('entra-over-before-it-begins', 'token-never-valid', { nbf: past + 14_400, exp: past + 14_400 }),
  claiming('entra-not-yet-valid', 'token-not-yet-valid', { nbf: past + 14_400 }),
  forgery('call-automation-token', 'token-issuer', (genuine) => withToken(genuine, genuine.acs.token())),
];

const validation = (data: unknown = { validationCode: randomUUID() }) => ({
  id: randomUUID(),
  topic: '/subscriptions/00000000-0000-4000-8000-000000000000',
  subject: '',
  data,
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  eventTime: new Date().toISOString(),
  dataVersion: '2',
});

/** The same as a single CloudEvent, with its data as JSON text. */
const cloudValidation = (data: unknown = { validationCode: randomUUID() }) => ({
  id: randomUUID(),
  source: '/subscriptions/00000000-0000-4000-8000-000000000000',
  subject: '',
  data: JSON.stringify(data),
  type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  specversion: '1.0',
});

/** A handshake with genuine credentials in a form that Event Grid never sends. Refused after verification. */
function malformed(
  name: string,
  events: () => readonly unknown[],
  type = 'SubscriptionValidation',
): EventForgery {
  return {
    name,
    expected: { status: 400, reason: 'handshake-malformed' },
    forge: (genuine) => ({ ...withHeader(genuine, 'aeg-event-type', type), body: JSON.stringify(events()) }),
  };
}

const otherEvent = { ...validation({}), eventType: 'Microsoft.Communication.IncomingCall' };

const handshakes: readonly EventForgery[] = [
  forgery('handshake-without-credentials', 'shared-key-missing', ({ request }) => ({
    ...request,
    headers: [
      ['aeg-event-type', 'SubscriptionValidation'],
      ['aeg-subscription-name', 'INCOMING-CALLS'],
    ],
    body: JSON.stringify([validation()]),
  })),
  malformed('handshake-as-notification', () => [validation()], 'Notification'),
  malformed('handshake-as-cloud-event-notification', () => [cloudValidation()], 'Notification'),
  malformed('handshake-as-cloud-event-deletion', () => [cloudValidation()], 'SubscriptionDeletion'),
  malformed('handshake-as-cloud-event-without-code', () => [cloudValidation({})]),
  malformed('handshake-as-deletion', () => [validation()], 'SubscriptionDeletion'),
  malformed('handshake-of-unknown-type', () => [validation()], 'SubscriptionSomething'),
  malformed('handshake-mixed-with-an-event', () => [validation(), otherEvent]),
  malformed('handshake-twice', () => [validation(), validation()]),
  malformed('handshake-without-one', () => [otherEvent]),
  malformed('handshake-empty', () => []),
  malformed('handshake-code-missing', () => [validation({})]),
  malformed('handshake-code-object', () => [validation({ validationCode: { toString: 'x' } })]),
  malformed('handshake-code-array', () => [validation({ validationCode: [randomUUID()] })]),
  malformed('handshake-code-of-a-megabyte', () => [validation({ validationCode: 'A'.repeat(1_000_000) })]),
  malformed('handshake-code-markup', () => [validation({ validationCode: '<script>alert(1)</script>' })]),
];

const ORIGIN = 'webhook-request-origin';
const RATE = 'webhook-request-rate';

/** OPTIONS with the shared key, and a request that Event Grid never makes. */
function asking(
  name: string,
  reason: 'webhook-origin' | 'webhook-rate',
  headers: readonly (readonly [string, string])[],
): EventForgery {
  return forgery(name, reason, ({ request }): OutgoingRequest => {
    const key = request.headers.filter(([header]) => header === 'x-ringward-key');
    return { url: request.url, method: 'OPTIONS', headers: [...key, ...headers], body: '' };
  });
}

const GENUINE = [ORIGIN, 'eventgrid.azure.net'] as const;

const permissions: readonly EventForgery[] = [
  forgery('options-without-key', 'shared-key-missing', ({ request }) => ({
    url: request.url,
    method: 'OPTIONS' as const,
    headers: [GENUINE],
    body: '',
  })),
  asking('options-origin-missing', 'webhook-origin', []),
  asking('options-origin-any', 'webhook-origin', [[ORIGIN, '*']]),
  asking('options-origin-line-break', 'webhook-origin', [[ORIGIN, 'eventgrid.azure.net%0d%0aAllow: GET']]),
  asking('options-origin-unlisted', 'webhook-origin', [[ORIGIN, 'attacker.example']]),
  asking('options-origin-of-no-cloud', 'webhook-origin', [[ORIGIN, 'eventgrid.azure.example']]),
  asking('options-origin-longer', 'webhook-origin', [[ORIGIN, 'eventgrid.azure.us.attacker.example']]),
  asking('options-origin-twice', 'webhook-origin', [GENUINE, GENUINE]),
  asking('options-rate-zero', 'webhook-rate', [GENUINE, [RATE, '0']]),
  asking('options-rate-negative', 'webhook-rate', [GENUINE, [RATE, '-1']]),
  asking('options-rate-text', 'webhook-rate', [GENUINE, [RATE, 'abc']]),
];

/** Families that change nothing but the shared key, so that its development secret alone can sign them. */
export const SHARED_KEY_FAMILY = 'The shared key of Event Grid';

export const eventForgeries: Readonly<Record<string, readonly EventForgery[]>> = {
  [SHARED_KEY_FAMILY]: sharedKeys,
  'The subscription and its topic': subscriptions,
  'The Entra token': entraTokens,
  'The handshake of a subscription': handshakes,
  'The handshake of CloudEvents': permissions,
};
