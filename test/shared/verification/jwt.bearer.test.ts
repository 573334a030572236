import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bearerToken } from '../../../shared/verification/jwt.ts';
import { verdictOn } from '../../support/verdict.ts';
import type { Carried } from '../../support/verdict.ts';

const HEADERS = ['authorization', 'authentication'];
const token = (headers: Carried) => bearerToken(new Headers(headers), HEADERS);
const verdict = (headers: Carried) => verdictOn(() => token(headers));

test.each([
  ['as every sample has it', { authorization: 'Bearer a.b.c' }],
  ['under a header of any case', { AUTHORIZATION: 'Bearer a.b.c' }],
  ['with a scheme of any case', { authorization: 'bEARER a.b.c' }],
  ['behind several spaces', { authorization: 'Bearer   a.b.c' }],
  ['under the name that the documentation has', { authentication: 'Bearer a.b.c' }],
  [
    'under both names, where the first is taken',
    { authorization: 'Bearer a.b.c', authentication: 'Bearer x.y.z' },
  ],
])('a token is found %s', (_how, headers) => {
  expect(token(headers as Carried)).toBe('a.b.c');
});

test.each<[string, Carried, string]>([
  ['no header', {}, 'token-missing'],
  ['another header', { 'x-authorization': 'Bearer a.b.c' }, 'token-missing'],
  ['an empty header', { authorization: '' }, 'token-not-bearer'],
  [
    'an empty header before a good one',
    { authorization: '', authentication: 'Bearer a.b.c' },
    'token-not-bearer',
  ],
  [
    'another scheme before a good header',
    { authorization: 'Basic YQ==', authentication: 'Bearer a.b.c' },
    'token-not-bearer',
  ],
  ['the token alone', { authorization: 'a.b.c' }, 'token-not-bearer'],
  ['the scheme alone', { authorization: 'Bearer' }, 'token-not-bearer'],
  ['another scheme', { authorization: 'Basic a.b.c' }, 'token-not-bearer'],
  ['a scheme that only begins so', { authorization: 'Bearers a.b.c' }, 'token-not-bearer'],
  ['several spaces alone', { authorization: 'Bearer   ' }, 'token-not-bearer'],
  ['spaces and a tab', { authorization: 'Bearer \t a.b.c' }, 'token-not-bearer'],
  ['a tab', { authorization: 'Bearer\ta.b.c' }, 'token-not-bearer'],
  ['two tokens', { authorization: 'Bearer a.b.c a.b.c' }, 'token-not-bearer'],
  [
    'tokens joined as the platform joins repeated headers',
    { authorization: 'Bearer a.b.c,Bearer a.b.c' },
    'token-not-bearer',
  ],
  ['tokens joined by a comma', { authorization: 'Bearer a.b.c,a.b.c' }, 'token-not-bearer'],
  [
    'a header that is there twice',
    [
      ['authorization', 'Bearer a.b.c'],
      ['authorization', 'Bearer a.b.c'],
    ],
    'token-not-bearer',
  ],
  ['a token of 8193 characters', { authorization: `Bearer ${'a'.repeat(8193)}` }, 'token-too-long'],
])('%s is refused', async (_what, headers, reason) => {
  expect(await verdict(headers)).toBe(reason);
});

test('a token of 8192 characters is looked at', () => {
  expect(token({ authorization: `Bearer ${'a'.repeat(8192)}` })).toHaveLength(8192);
});

test('whatever the header says, what comes out is one word of it and holds no comma', async () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((text) => `Bearer ${text}`),
    fc.stringMatching(/^Bearer [ ,.a-c]*$/),
  );
  await fc.assert(
    fc.asyncProperty(header, async (value) => {
      const headers = { get: (name: string) => (name === 'authorization' ? value : null) };
      const reason = await verdictOn(() => bearerToken(headers, HEADERS));
      const refused = reason === 'token-not-bearer' || reason === 'token-too-long';
      expect(refused ? undefined : bearerToken(headers, HEADERS)).toBe(
        refused ? undefined : /^bearer +([^ ,]+)$/i.exec(value)?.[1],
      );
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['alone', 'a.b.c'],
  ['behind the scheme', 'Bearer a.b.c'],
])('a sender that may leave the scheme out is understood with the token %s', (_how, authorization) => {
  expect(bearerToken(new Headers({ authorization }), HEADERS, { isSchemeOptional: true })).toBe('a.b.c');
});

test.each(['', ' ', 'Basic a.b.c', 'a.b.c a.b.c', 'a.b.c,a.b.c', 'Bearer a.b.c,a.b.c'])(
  'of such a sender %j is not one token either',
  (authorization) => {
    const find = () => bearerToken(new Headers({ authorization }), HEADERS, { isSchemeOptional: true });
    return expect(verdictOn(find)).resolves.toBe('token-not-bearer');
  },
);
