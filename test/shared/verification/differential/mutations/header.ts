import { KID, OTHER_KID } from '../draft.ts';
import type { Draw, Mutation } from '../draft.ts';

const ODD: readonly unknown[] = [null, true, '', [], {}, 1, ['RS256'], { alg: 'RS256' }];

const put = (name: string, values: (draw: Draw) => unknown): Mutation => {
  return ({ header }, draw) => {
    header[name] = values(draw);
  };
};

/** Signed by the issuer, and the header is odd. */
export const header: Readonly<Record<string, Mutation>> = {
  algorithm: put('alg', (draw) =>
    draw.one<unknown>([
      'none',
      'None',
      'rs256',
      'RS256 ',
      'RS384',
      'RS512',
      'PS256',
      'HS256',
      'ES256',
      'EdDSA',
      'RSA1_5',
      ...ODD,
    ]),
  ),
  keyId: put('kid', (draw) =>
    draw.one<unknown>([OTHER_KID, 'THE-KEY', `${KID} `, `../${KID}`, '__proto__', 'k'.repeat(257), ...ODD]),
  ),
  type: put('typ', (draw) => draw.one<unknown>(['jwt', 'at+jwt', 'JOSE', 'application/jwt', ...ODD])),
  contentType: put('cty', (draw) => draw.one<unknown>(['JWT', ...ODD])),
  critical: put('crit', (draw) =>
    draw.one<unknown>([['exp'], ['b64'], ['alg'], ['exp', 'exp'], 'exp', [''], [1], ...ODD]),
  ),
  unencoded: ({ header: all }, draw) => {
    all['b64'] = draw.one<unknown>([true, false, 'false', ...ODD]);
    if (draw.below(2) === 0) all['crit'] = ['b64'];
  },
  compressed: put('zip', (draw) => draw.one<unknown>(['DEF', ...ODD])),
  broughtAlong: (draft, draw) => {
    draft.header[draw.one(['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'epk', 'enc'])] = draw.one<unknown>(
      ['https://forger.example/keys', ['MIIB'], { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, ...ODD],
    );
  },
  left: ({ header: all }, draw) => {
    delete all[draw.one(['alg', 'kid', 'typ'])];
  },
};
