import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHeader as checkForm, keyIdOf } from '../../../shared/verification/jwt.ts';
import { verdictOn } from '../../support/verdict.ts';

/** As an RS256 token is checked: the header, and then its key id. */
function checkHeader(...given: Parameters<typeof checkForm>): string {
  checkForm(...given);
  return keyIdOf(given[0]);
}

const genuine = { alg: 'RS256', typ: 'JWT', kid: 'key' };
const verdict = (header: Record<string, unknown>) => verdictOn(() => checkHeader(header, 'RS256'));

test('the genuine header gives its key id, and members that change nothing do no harm', () => {
  expect(checkHeader(genuine, 'RS256')).toBe('key');
  expect(checkHeader({ ...genuine, typ: undefined, x5t: 'AAAA', cty: 'JWT' }, 'RS256')).toBe('key');
});

test.each([
  'none',
  'None',
  'rs256',
  'RS256 ',
  'RS384',
  'HS256',
  'PS256',
  'ES256',
  '',
  undefined,
  null,
  256,
  ['RS256'],
  { toString: 'RS256' },
])('the algorithm %j is refused', async (alg) => {
  expect(await verdict({ ...genuine, alg })).toBe('token-algorithm');
});

test.each(['crit', 'b64', 'zip', 'jwk', 'jku', 'x5u', 'x5c'])(
  'a header with %s is refused, whatever it holds',
  async (member) => {
    for (const value of [undefined, null, false, true, '', [], {}, 'DEF']) {
      expect(await verdict({ ...genuine, [member]: value })).toBe('token-header-refused');
    }
  },
);

test.each([
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['zero', 0],
  ['a number', 7],
  ['a list', ['key']],
  ['an object', { kid: 'key' }],
  ['of 257 characters', 'k'.repeat(257)],
])('a key id that is %s is refused', async (_what, kid) => {
  expect(await verdict({ ...genuine, kid })).toBe('token-key-id');
});

test('a key id of 256 characters is looked up', async () => {
  expect(checkHeader({ ...genuine, kid: 'k'.repeat(256) }, 'RS256')).toHaveLength(256);
});

test('the algorithm is pinned before anything else is looked at', async () => {
  expect(await verdict({ alg: 'none', jwk: {}, kid: 7 })).toBe('token-algorithm');
});

test('whatever the header, only RS256 with a key id passes', async () => {
  const header = fc.dictionary(
    fc.oneof(fc.constantFrom('alg', 'kid', 'crit', '__proto__'), fc.string()),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.boolean(), async (arbitrary, helped) => {
      const whole = helped ? { ...arbitrary, alg: 'RS256' } : arbitrary;
      if ((await verdict(whole)) === 'accepted')
        expect(whole).toMatchObject({ alg: 'RS256', kid: expect.stringMatching(/^.{1,256}$/s) });
    }),
    { numRuns: 500 },
  );
});
