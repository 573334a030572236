import type { RejectionReason } from '../../../../shared/reasons.ts';
import { rs256 } from '../../../fakes/token.ts';
import { withHeaders, withToken } from '../../forgery.ts';
import { forgery, signed } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';
import type { GenuineCall } from '../requests.ts';

/** The genuine token, encoded or cut in another way. */
function respelled(
  name: string,
  reason: RejectionReason,
  change: (segments: string[]) => string,
): CallForgery {
  return forgery(name, reason, (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Bearer ${change(token.split('.'))}`]]),
  );
}

/** Sets the lowest unused bit of the last character: a lenient decoder decodes the same bytes. */
function withUnusedBits(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return segment.slice(0, -1) + alphabet.charAt(alphabet.indexOf(segment.slice(-1)) + 1);
}

/** A claims text of a length that leaves unused bits in its last base64url character. */
function spare(genuine: GenuineCall): string {
  const claims = JSON.stringify(genuine.acs.claims());
  return claims + ' '.repeat((4 - (claims.length % 3)) % 3);
}

const notObjects = {
  array: '[]',
  text: '"claims"',
  number: '1',
  null: 'null',
  'not-json': '{',
  nothing: ' ',
};

export const tokenForm: readonly CallForgery[] = [
  respelled('one-segment', 'token-malformed', ([, payload]) => payload ?? ''),
  respelled('two-segments', 'token-malformed', (segments) => segments.slice(0, 2).join('.')),
  respelled('four-segments', 'token-malformed', (segments) => [...segments, 'AA'].join('.')),
  respelled('jwe-five-segments', 'token-malformed', (segments) => [...segments, 'AA', 'AA'].join('.')),
  respelled('six-segments', 'token-malformed', (segments) => [...segments, ...segments].join('.')),
  respelled('trailing-dot', 'token-malformed', (segments) => `${segments.join('.')}.`),
  respelled('signature-empty', 'token-malformed', ([header, payload]) => `${header}.${payload}.`),
  respelled('signature-short', 'token-signature', ([header, payload]) => `${header}.${payload}.AAAA`),
  respelled('signature-zero', 'token-signature', ([header, payload]) => {
    return `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`;
  }),
  respelled('payload-altered', 'token-signature', ([header, payload, signature]) => {
    const claims = Buffer.from(payload ?? '', 'base64url')
      .toString()
      .replace('"jti":"', '"jti":"x');
    return `${header}.${Buffer.from(claims).toString('base64url')}.${signature}`;
  }),
  respelled('base64-padded', 'token-malformed', (segments) => `${segments.join('.')}==`),
  respelled('base64-unused-bits', 'token-malformed', ([header, payload, signature]) =>
    // 256 bytes leave four unused bits.
    [header, payload, withUnusedBits(signature ?? '')].join('.'),
  ),
  forgery('base64-unused-bits-in-claims', 'token-malformed', (genuine) => {
    const [header, payload, signature] = rs256(
      genuine.acs.header(),
      spare(genuine),
      genuine.acs.signingKey(),
    ).split('.');
    return withToken(genuine, [header, withUnusedBits(payload ?? ''), signature].join('.'));
  }),
  respelled('base64-other-alphabet', 'token-malformed', ([header, payload]) =>
    [header, payload, Buffer.alloc(256, 0xfb).toString('base64').replaceAll('=', '')].join('.'),
  ),
  respelled('base64-white-space', 'token-malformed', (segments) => segments.join('.\t')),
  ...Object.entries(notObjects).map(([what, claims]) =>
    forgery(`claims-${what}`, 'token-not-json', (genuine) => signed(genuine, { claims })),
  ),
  ...Object.entries(notObjects).map(([what, header]) =>
    forgery(`header-${what}`, 'token-not-json', (genuine) => signed(genuine, { header })),
  ),
  forgery('claims-with-byte-order-mark', 'token-not-json', (genuine) =>
    signed(genuine, { claims: `\uFEFF${JSON.stringify(genuine.acs.claims())}` }),
  ),
  forgery('duplicate-in-header', 'token-duplicate-member', (genuine) =>
    signed(genuine, { header: JSON.stringify(genuine.acs.header()).replace('{', '{"alg":"none",') }),
  ),
  forgery('duplicate-in-claims', 'token-duplicate-member', (genuine) =>
    signed(genuine, { claims: JSON.stringify(genuine.acs.claims()).replace('{', '{"aud":"another",') }),
  ),
  forgery('duplicate-by-escape', 'token-duplicate-member', (genuine) =>
    signed(genuine, { claims: JSON.stringify(genuine.acs.claims()).replace('{', '{"\\u0061ud":"another",') }),
  ),
  forgery('duplicate-deep-in-claims', 'token-duplicate-member', (genuine) =>
    signed(genuine, { claims: JSON.stringify(genuine.acs.claims()).replace('{', '{"x":[{"a":1,"a":2}],') }),
  ),
];
