import { AUDIENCE, ISSUER, NOW } from '../draft.ts';
import type { Draw, Mutation } from '../draft.ts';

const TOLERANCE = 60;
const LIFE = 300;
/** The places where one second decides, and numbers that are no time. */
const TIMES = [-TOLERANCE, 0, TOLERANCE, LIFE, LIFE + TOLERANCE, -LIFE, -LIFE - TOLERANCE]
  .flatMap((offset) => [-1, -0.001, 0, 0.001, 1].map((beside) => NOW + offset + beside))
  .concat(0, -1, -0, 1e308, -1e308, 2 ** 53, NOW * 1000, NOW / 1000);
/** What JSON can hold in the place of a time or a text. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  '',
  '0',
  String(NOW + LIFE),
  String(NOW),
  [],
  {},
  [NOW + LIFE],
  { valueOf: NOW + LIFE },
  1,
  -1,
];

const put = (name: string, values: (draw: Draw) => unknown): Mutation => {
  return ({ claims }, draw) => {
    claims[name] = values(draw);
  };
};
const time = (name: string) => put(name, (draw) => (draw.below(4) === 0 ? draw.one(ODD) : draw.one(TIMES)));

/** Signed by the issuer, and what is claimed is odd. */
export const claims: Readonly<Record<string, Mutation>> = {
  expiry: time('exp'),
  start: time('nbf'),
  issued: time('iat'),
  allTimes: ({ claims: all }, draw) => {
    const shift = draw.one(TIMES) - NOW;
    for (const name of ['exp', 'nbf', 'iat']) all[name] = (all[name] as number) + shift;
  },
  issuer: put('iss', (draw) =>
    draw.one([
      `${ISSUER}/`,
      ISSUER.toUpperCase(),
      ` ${ISSUER}`,
      `${ISSUER}\0`,
      [ISSUER],
      { iss: ISSUER },
      ...ODD,
    ]),
  ),
  audience: put('aud', (draw) =>
    draw.one<unknown>([
      [AUDIENCE],
      ['somebody-else', AUDIENCE],
      [AUDIENCE, 'somebody-else'],
      [AUDIENCE, 7],
      [null, AUDIENCE],
      [[AUDIENCE]],
      { 0: AUDIENCE, length: 1 },
      AUDIENCE.toUpperCase(),
      `${AUDIENCE} `,
      AUDIENCE.slice(1),
      `${AUDIENCE},${AUDIENCE}`,
      'somebody-else',
      ...ODD,
    ]),
  ),
  unique: put('jti', (draw) => draw.one<unknown>(['id', ...ODD])),
  left: ({ claims: all }, draw) => {
    delete all[draw.one(['iss', 'aud', 'exp', 'nbf', 'iat'])];
  },
  strangers: ({ claims: all }, draw) => {
    const name = draw.one(['__proto__', 'constructor', 'sub', 'crit', 'alg', 'Exp', 'aud ', 'roles']);
    // As JSON makes it: a member like any other.
    Object.defineProperty(all, name, { value: draw.one(ODD), enumerable: true, configurable: true });
  },
};
