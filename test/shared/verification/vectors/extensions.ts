import { NOW } from '../differential/draft.ts';
import { header, joined } from './vector.ts';
import type { Vector } from './vector.ts';

export const extensions: readonly Vector[] = [
  [
    'crit of a name that we do not know (RFC 7515, 4.1.11)',
    'token-header-refused',
    'what is critical has to be understood',
    header({ crit: ['x'], x: 1 }),
  ],
  ['crit of nothing', 'token-header-refused', 'an empty list is none', header({ crit: [] })],
  [
    'crit of exp',
    'token-header-refused',
    'no name of the standard is critical',
    header({ crit: ['exp'], exp: NOW + 1 }),
  ],
  [
    'an unencoded payload, said to be (RFC 7797)',
    'token-header-refused',
    'nobody sends one, and it would be read otherwise',
    header({ b64: false, crit: ['b64'] }),
  ],
  [
    'an unencoded payload, not said to be critical',
    'token-header-refused',
    'a reader that heeds it reads something else',
    header({ b64: false }),
  ],
  ['compression', 'token-header-refused', 'that is of encrypted tokens (RFC 7516)', header({ zip: 'DEF' })],
  [
    'five segments, as an encrypted token has',
    'token-malformed',
    'a signed token has three',
    joined((a, b, c) => `${a}.${b}.${c}.${c}.${c}`),
  ],
  [
    'a token within the token, said to be (RFC 7519, 5.2)',
    'token-not-json',
    'claims are JSON',
    (draft) => {
      draft.header['cty'] = 'JWT';
      draft.written.claims = () => Buffer.from('e30.e30.AA');
    },
  ],
  [
    'detached from its payload (A.6, RFC 7515 appendix F)',
    'token-malformed',
    'no segment is empty',
    joined((a, _b, c) => `${a}..${c}`),
  ],
  [
    'the flattened JSON form (A.7)',
    'token-malformed',
    'a header carries the compact form',
    joined((a, payload, signature) => JSON.stringify({ protected: a, payload, signature })),
  ],
  [
    'the general JSON form (A.6)',
    'token-malformed',
    'a header carries the compact form',
    joined((a, payload, signature) => JSON.stringify({ payload, signatures: [{ protected: a, signature }] })),
  ],
  [
    'another type',
    'accepted',
    'our issuers promise none; what it is for is said by its audience and its life',
    header({ typ: 'at+jwt' }),
  ],
];
