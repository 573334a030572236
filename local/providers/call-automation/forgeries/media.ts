import type { RejectionReason } from '../../../../shared/reasons.ts';
import { rs256 } from '../../../fakes/token.ts';
import { withHeaders, withQuery, withToken } from '../../forgery.ts';
import { forgery } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';
import type { GenuineCall } from '../requests.ts';

// Upgrades that the media host must refuse. The callbacks' table has every form of a token; this one has what differs for
// a socket.
const DAY_SECONDS = 86_400;
const now = () => Math.floor(Date.now() / 1000);

const ticketed = (name: string, reason: RejectionReason, ticket: (genuine: GenuineCall) => string) =>
  forgery(name, reason, (genuine) => withQuery(genuine, (query) => query.set('ticket', ticket(genuine))));

/** Signed by the issuer, with other claims than a media token has. */
const claiming = (name: string, reason: RejectionReason, change: () => Record<string, unknown>) =>
  forgery(name, reason, (genuine) => {
    const { acs } = genuine;
    const claims = { ...acs.claims(), exp: now() + DAY_SECONDS, ...change() };
    return withToken(genuine, rs256(acs.header(), claims, acs.signingKey()));
  });

export const mediaForgeries: Readonly<Record<string, readonly CallForgery[]>> = {
  'The ticket of a media socket': [
    forgery('media-ticket-missing', 'callback-key-missing', (genuine) =>
      withQuery(genuine, (query) => query.delete('ticket')),
    ),
    forgery('media-ticket-doubled', 'callback-key-repeated', (genuine) =>
      withQuery(genuine, (query) => query.append('ticket', query.get('ticket') ?? '')),
    ),
    ticketed('media-ticket-malformed', 'callback-key-malformed', () => 'v1.ticket'),
    ticketed('media-ticket-is-a-callback-key', 'callback-key-forged', ({ mintKey }) => mintKey()),
    ticketed('media-ticket-of-another-secret', 'callback-key-forged', ({ mintKey }) =>
      mintKey({ purpose: 'media', secret: 'a secret of the forger' }),
    ),
    ticketed('media-ticket-expired', 'callback-key-expired', ({ mintKey }) =>
      mintKey({ purpose: 'media', expiresIn: -1 }),
    ),
    ticketed('media-ticket-too-far-ahead', 'callback-key-too-far-ahead', ({ mintKey }) =>
      mintKey({ purpose: 'media', expiresIn: DAY_SECONDS + 120 }),
    ),
  ],
  'The token of a media socket': [
    forgery('media-token-missing', 'token-missing', (genuine) => withHeaders(genuine, () => [])),
    forgery('media-token-in-query', 'token-missing', (genuine) =>
      withQuery({ request: withHeaders(genuine, () => []) }, (query) =>
        query.set('access_token', genuine.acs.mediaToken()),
      ),
    ),
    forgery('media-token-as-subprotocol', 'token-missing', (genuine) =>
      withHeaders(genuine, (token) => [['sec-websocket-protocol', `bearer, ${token}`]]),
    ),
    forgery('media-token-doubled', 'token-not-bearer', (genuine) =>
      withHeaders(genuine, (token) => [
        ['authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${token}`],
      ]),
    ),
    claiming('media-token-of-another-customer', 'token-audience', () => ({
      aud: 'b5dd8a1c-0000-4000-8000-000000000000',
    })),
    claiming('media-token-of-another-issuer', 'token-issuer', () => ({ iss: 'https://issuer.example' })),
    claiming('media-token-expired', 'token-expired', () => ({
      iat: now() - 2 * DAY_SECONDS,
      nbf: now() - 2 * DAY_SECONDS,
      exp: now() - DAY_SECONDS,
    })),
    claiming('media-token-of-two-days', 'token-life-too-long', () => ({ exp: now() + 2 * DAY_SECONDS })),
    claiming('media-token-without-expiry', 'token-expiry-missing', () => ({ exp: undefined })),
  ],
};
