import fc from 'fast-check';
import { expect, test } from 'vitest';
import { summarizeClaims } from '../../../shared/verification/claims.ts';

const NOW = 1_800_000_000;

test.each([
  [{ exp: NOW + 300 }, { expiresInSeconds: 300 }],
  [
    { exp: NOW + 290, iat: NOW - 10 },
    { lifeSeconds: 300, ageSeconds: 10, expiresInSeconds: 290 },
  ],
  [
    { exp: NOW + 290, iat: NOW - 10, nbf: NOW - 310 },
    { lifeSeconds: 600, ageSeconds: 10, expiresInSeconds: 290 },
  ],
  [
    { exp: NOW, nbf: NOW - 300 },
    { lifeSeconds: 300, expiresInSeconds: 0 },
  ],
  [{ iat: NOW - 5 }, { ageSeconds: 5 }],
  [{}, {}],
  [{ exp: 'soon', iat: null }, {}],
])('the times of %j are seen as %j', (claims, times) => {
  expect(summarizeClaims(claims, NOW)).toEqual({ names: Object.keys(claims).sort(), ...times });
});

test('names that could break a line, or fill it, are left out', () => {
  const long = 'x'.repeat(65);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`claim${index}`, 1]));
  expect(summarizeClaims({ aud: 1, 'a b': 1, '\n': 1, '': 1, [long]: 1, 'urn:x.y-z': 1 }, NOW).names).toEqual(
    ['aud', 'urn:x.y-z'],
  );
  expect(summarizeClaims(many, NOW).names).toHaveLength(32);
});

test('nothing but names and numbers goes on, whatever a claim says', () => {
  const claims = fc.dictionary(fc.string(), fc.string({ minLength: 1 }));
  fc.assert(
    fc.property(claims, (given) => {
      const { names, ...times } = summarizeClaims(given, NOW);
      expect(names.every((name) => Object.hasOwn(given, name))).toBe(true);
      expect(Object.values(times)).toEqual([]);
    }),
  );
});
