import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCompactJws } from '../../../shared/verification/jwt.ts';
import { anyText } from '../../support/text.ts';
import { verdictOn } from '../../support/verdict.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const encoded = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64url');
const verdict = (text: string) => verdictOn(() => parseCompactJws(text));

const json = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 });
const signature = fc.uint8Array({ minLength: 1, maxLength: 70 });
const token = fc.tuple(json, json, signature).map((parts) => ({
  parts,
  text: `${encoded(JSON.stringify(parts[0]))}.${encoded(JSON.stringify(parts[1]))}.${encoded(parts[2])}`,
}));

test('what was put together comes apart as it was', () => {
  fc.assert(
    fc.property(token, ({ parts: [header, claims, signature], text }) => {
      const jws = parseCompactJws(text);
      expect(jws.header).toEqual(JSON.parse(JSON.stringify(header)));
      expect(jws.claims).toEqual(JSON.parse(JSON.stringify(claims)));
      expect([...jws.signature]).toEqual([...signature]);
      expect(jws.text).toBe(text);
    }),
  );
});

const bytesOf = (text: string) =>
  text
    .split('.')
    .map((segment) => Buffer.from(segment, 'base64url').toString('hex'))
    .join('.');

test('no other text stands for the same bytes', async () => {
  const character = fc.oneof(
    fc.constantFrom(...ALPHABET, ...'.=+/ \t\n\r\0,%~'),
    anyText({ minLength: 1, maxLength: 1 }),
  );
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.nat(1),
    insert: fc.oneof(fc.constant(''), character, fc.constant('==')),
  });
  let alike = 0;
  await fc.assert(
    fc.asyncProperty(token, edit, async ({ text }, { at, remove, insert }) => {
      const index = at % (text.length + 1);
      const other = text.slice(0, index) + insert + text.slice(index + remove);
      if (other === text) return;
      // A lenient decoder reads the same out of it: then it is another spelling.
      if (bytesOf(other) === bytesOf(text)) {
        alike++;
        expect(await verdict(other)).toBe('token-malformed');
      } else {
        expect(['accepted', 'token-malformed', 'token-not-json', 'token-duplicate-member']).toContain(
          await verdict(other),
        );
      }
    }),
    { numRuns: 2000 },
  );
  expect(alike).toBeGreaterThan(50);
});

test('of the characters that decode to the same last byte, one is taken', async () => {
  const header = encoded('{}');
  for (const [size, spellings] of [
    [1, 16],
    [2, 4],
    [3, 1],
  ] as const) {
    const genuine = encoded(Buffer.alloc(size));
    const accepted: string[] = [];
    let same = 0;
    for (const last of ALPHABET) {
      const segment = genuine.slice(0, -1) + last;
      if (Buffer.from(segment, 'base64url').equals(Buffer.alloc(size))) same++;
      if (
        Buffer.from(segment, 'base64url').equals(Buffer.alloc(size)) &&
        (await verdict(`${header}.${header}.${segment}`)) === 'accepted'
      ) {
        accepted.push(segment);
      }
    }
    expect(same).toBe(spellings);
    expect(accepted).toEqual([genuine]);
  }
});

const [header, claims, proof] = [
  encoded('{"alg":"RS256"}'),
  encoded('{"aud":"a"}'),
  encoded(Buffer.alloc(256, 0xfb)),
];

test('the three segments alone are accepted', async () => {
  expect(await verdict(`${header}.${claims}.${proof}`)).toBe('accepted');
});

test.each([
  ['nothing', ''],
  ['one segment', header],
  ['two segments', `${header}.${claims}`],
  ['no header', `.${claims}.${proof}`],
  ['no claims', `${header}..${proof}`],
  ['no signature', `${header}.${claims}.`],
  ['a fourth segment', `${header}.${claims}.${proof}.AA`],
  ['an empty fourth segment', `${header}.${claims}.${proof}.`],
  ['five segments, as an encrypted token has', `${header}.${claims}.${proof}.AA.AA`],
  ['dots alone', '.'.repeat(8000)],
  ['padding', `${header}.${claims}.${proof}==`],
  ['padding inside', `${header}=.${claims}.${proof}`],
  [
    'the other alphabet',
    `${header}.${claims}.${Buffer.alloc(256, 0xfb).toString('base64').replaceAll('=', '')}`,
  ],
  ['white space before', ` ${header}.${claims}.${proof}`],
  ['white space behind', `${header}.${claims}.${proof}\n`],
  ['white space inside', `${header}.${claims}.${proof.slice(0, 9)} ${proof.slice(9)}`],
  ['a character outside every alphabet', `${header}.${claims}.${proof.slice(0, 9)}~${proof.slice(9)}`],
  ['one character too many', `${header}.${claims}.${encoded(Buffer.alloc(3))}A`],
])('a token with %s is malformed', async (_what, text) => {
  expect(await verdict(text)).toBe('token-malformed');
});

test.each([
  ['header', (part: string) => `${part}.${claims}.${proof}`],
  ['claims', (part: string) => `${header}.${part}.${proof}`],
])('what is wrong with the JSON of the %s is refused as such', async (_what, around) => {
  expect(await verdict(around(encoded('{"a":1,"a":1}')))).toBe('token-duplicate-member');
  expect(await verdict(around(encoded('[]')))).toBe('token-not-json');
  expect(await verdict(around(encoded(Buffer.of(0x22, 0xff, 0x22))))).toBe('token-not-json');
});

test('a change of one parsed token does not change the next one', () => {
  const header = encoded(JSON.stringify({ alg: 'RS256', kid: 'key' }));
  const jws = () => parseCompactJws(`${header}.${encoded('{}')}.${encoded('signature')}`);
  Object.assign(jws().header, { alg: 'none' });
  expect(jws().header).toEqual({ alg: 'RS256', kid: 'key' });
});
