import type { RejectionReason } from '../../../../shared/reasons.ts';
import { forgery, signed } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';

type Claims = Record<string, unknown>;

const now = () => Math.floor(Date.now() / 1000);
const DAY_SECONDS = 86_400;

/** Signed by the issuer, for another audience, purpose or time. */
function claiming(
  name: string,
  reason: RejectionReason,
  change: (claims: Claims) => Claims | string,
): CallForgery {
  return forgery(name, reason, (genuine) => signed(genuine, { claims: change(genuine.acs.claims()) }));
}

const text = (claims: Claims) => JSON.stringify(claims);
const shiftedBy = (seconds: number) => ({
  iat: now() + seconds,
  nbf: now() + seconds,
  exp: now() + seconds + 300,
});

export const tokenClaims: readonly CallForgery[] = [
  // Every customer of Azure Communication Services can get a token signed for their own resource.
  claiming('audience-of-another-customer', 'token-audience', () => ({
    aud: 'b5dd8a1c-0000-4000-8000-000000000000',
  })),
  claiming('audience-missing', 'token-audience', () => ({ aud: undefined })),
  claiming('audience-empty', 'token-audience', () => ({ aud: '' })),
  claiming('audience-empty-list', 'token-audience', () => ({ aud: [] })),
  claiming('audience-prefix', 'token-audience', ({ aud }) => ({ aud: String(aud).slice(0, -1) })),
  claiming('audience-longer', 'token-audience', ({ aud }) => ({ aud: `${aud}0` })),
  claiming('audience-nested', 'token-audience', ({ aud }) => ({ aud: [[aud]] })),
  claiming('audience-object', 'token-audience', ({ aud }) => ({ aud: { 0: aud, length: 1 } })),
  claiming('audience-list-with-number', 'token-audience', ({ aud }) => ({ aud: [aud, 1] })),

  claiming('issuer-missing', 'token-issuer', () => ({ iss: undefined })),
  claiming('issuer-with-slash', 'token-issuer', ({ iss }) => ({ iss: `${iss}/` })),
  claiming('issuer-upper-case', 'token-issuer', ({ iss }) => ({ iss: String(iss).toUpperCase() })),
  claiming('issuer-other-scheme', 'token-issuer', ({ iss }) => ({
    iss: String(iss).replace(/^https?/, (scheme) => (scheme === 'http' ? 'https' : 'http')),
  })),
  claiming('issuer-array', 'token-issuer', ({ iss }) => ({ iss: [iss] })),

  claiming('expired', 'token-expired', () => shiftedBy(-DAY_SECONDS)),
  claiming('expiry-missing', 'token-expiry-missing', () => ({ exp: undefined })),
  claiming('expiry-text', 'token-claim-invalid', ({ exp }) => ({ exp: String(exp) })),
  claiming('expiry-null', 'token-claim-invalid', () => ({ exp: null })),
  claiming('expiry-infinite', 'token-claim-invalid', (claims) =>
    text(claims).replace(/"exp":\d+/, '"exp":1e999'),
  ),
  claiming('expiry-in-milliseconds', 'token-life-too-long', ({ exp }) => ({ exp: Number(exp) * 1000 })),
  claiming('expiry-too-far-ahead', 'token-life-too-long', () => ({
    exp: now() + 3600,
    iat: undefined,
    nbf: undefined,
  })),
  // A media token lives 24 hours: with an hour left it is still no callback token.
  claiming('media-token', 'token-life-too-long', () => ({
    iat: now() - DAY_SECONDS + 120,
    nbf: undefined,
    exp: now() + 120,
  })),
  claiming('media-token-by-nbf', 'token-life-too-long', () => ({
    nbf: now() - DAY_SECONDS + 120,
    iat: undefined,
    exp: now() + 120,
  })),

  // Issuers date tokens back by five minutes, and no further.
  claiming('dated-back-too-far', 'token-life-too-long', () => ({ iat: now() - 360, exp: now() + 270 })),
  claiming('dated-back-too-far-by-nbf', 'token-life-too-long', () => ({
    nbf: now() - 360,
    iat: undefined,
    exp: now() + 270,
  })),
  claiming('media-token-in-digits', 'token-life-too-long', () => ({
    iat: String(now() - DAY_SECONDS + 120),
    nbf: undefined,
    exp: now() + 120,
  })),
  claiming('over-before-it-begins', 'token-never-valid', () => ({ nbf: now() + 30, exp: now() + 30 })),

  claiming('not-yet-valid', 'token-not-yet-valid', () => ({ nbf: now() + 200 })),
  claiming('nbf-text', 'token-claim-invalid', ({ nbf }) => ({ nbf: String(nbf) })),
  claiming('nbf-infinite', 'token-claim-invalid', (claims) =>
    text(claims).replace(/"nbf":\d+/, '"nbf":-1e999'),
  ),
  claiming('issued-in-future', 'token-issued-in-future', () => ({ iat: now() + 200, nbf: undefined })),
  claiming('issued-in-future-in-digits', 'token-issued-in-future', () => ({
    iat: String(now() + 200),
    nbf: undefined,
  })),
  claiming('iat-words', 'token-claim-invalid', () => ({ iat: new Date().toISOString() })),
  claiming('jti-number', 'token-claim-invalid', () => ({ jti: 7 })),
];
