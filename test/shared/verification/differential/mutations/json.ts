import { AUDIENCE, ISSUER, KID, NOW } from '../draft.ts';
import type { Draft, Draw, Mutation } from '../draft.ts';

/** Rewrites the JSON of the header or the claims, whichever is drawn; it is signed as it is then. */
const rewritten = (how: (json: string, draw: Draw) => string | Uint8Array): Mutation => {
  return (draft: Draft, draw) => {
    const part = draw.one(['header', 'claims'] as const);
    const before = draft.written[part];
    draft.written[part] = (json) => Buffer.from(how(Buffer.from(before(json)).toString(), draw));
  };
};

const SPACES = [' ', '\t', '\r\n', '\n', '\u00a0', '\ufeff', '\u2028', '\v', '\f', '\0'];
const MEMBERS = [
  '"alg":"RS256"',
  '"alg":"none"',
  `"kid":"${KID}"`,
  '"crit":["exp"]',
  `"exp":${NOW + 300}`,
  `"exp":${NOW + 299}.5`,
  '"exp":18000003e2',
  '"exp":1e999',
  '"exp":-1e999',
  `"aud":"${AUDIENCE}"`,
  '"aud":"somebody-else"',
  `"iss":"${ISSUER}"`,
  '"\\u0061ud":"somebody-else"',
  '"\\u0065xp":1',
  '"x":{"x":1,"x":2}',
  '"x":[{"x":1},{"x":1}]',
  '"__proto__":{"exp":1}',
  '"x":"\\ud800"',
  '"":""',
  '"x":"a\\"b:{"',
];

/** Signed by the issuer, and the JSON is spelled in an odd way. */
export const json: Readonly<Record<string, Mutation>> = {
  spaceAround: rewritten((text, draw) => {
    const space = draw.one(SPACES);
    return draw.below(2) === 0 ? space + text : text + space;
  }),
  spaceInside: rewritten((text, draw) => {
    const at = draw.one([...text.matchAll(/[{},:]/g)].map(({ index }) => index)) ?? 0;
    return text.slice(0, at + 1) + draw.one(SPACES) + text.slice(at + 1);
  }),
  memberTwice: rewritten((text, draw) => {
    const member = draw.one(MEMBERS);
    return draw.below(2) === 0
      ? text.replace('{', () => `{${member},`)
      : text.replace(/}$/, () => `,${member}}`);
  }),
  escapedName: rewritten((text, draw) =>
    text.replace(
      draw.one([/"(a)(\w+)":/, /"(e)(xp)":/, /"(i)(ss)":/, /"(k)(id)":/]),
      (_all, first: string, rest) => {
        return `"\\u00${first.charCodeAt(0).toString(16)}${rest}":`;
      },
    ),
  ),
  number: rewritten((text, draw) =>
    text.replace(/:(\d{10})/, (_all, digits: string) => {
      return `:${draw.one([`${digits}.0`, `${digits}e0`, `0${digits}`, `+${digits}`, `${digits}n`, `${Number(digits) / 10}e1`, `"${digits}"`, 'NaN', 'Infinity', '1e999'])}`;
    }),
  ),
  notStrict: rewritten((text, draw) =>
    draw.one([
      `${text},`,
      text.replace(/}$/, ',}'),
      text.replaceAll('"', "'"),
      `/**/${text}`,
      `${text}//`,
      `[${text}]`,
      `"${text.replaceAll('"', '\\"')}"`,
      text + text,
      text.slice(0, -1),
      'null',
      '1',
      '',
      '{}',
      text.replace(/}$/, `,"x":${'['.repeat(2000)}${']'.repeat(2000)}}`),
    ]),
  ),
  notUtf8: rewritten((text, draw) => {
    // A lone byte, an overlong slash, a surrogate, a sequence cut short.
    const bad = draw.one([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x80]]);
    const member = Buffer.concat([Buffer.from(',"x":"'), Buffer.from(bad), Buffer.from('"}')]);
    return Buffer.concat([Buffer.from(text.slice(0, -1)), member]);
  }),
  utf16: rewritten((text) => Buffer.from(text, 'utf16le')),
};
