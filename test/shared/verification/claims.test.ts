import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkClaims } from '../../../shared/verification/claims.ts';
import { verdictOn } from '../../support/verdict.ts';

const NOW = 1_800_000_000;
const GUID = '7f0cbb4d-9d3c-4c5e-8a1b-aa00bb11cc22';
const ISSUER = 'https://issuer.example';
const rules = {
  issuers: [ISSUER],
  audiences: [GUID, 'api://Named'],
  lifeSeconds: 300,
  toleranceSeconds: 60,
};
/** What the sender writes: five minutes of life from now on. */
const genuine = { iss: ISSUER, aud: GUID, iat: NOW, nbf: NOW, exp: NOW + 300, jti: 'one' };

const verdict = (change: Record<string, unknown>, given = rules, now = NOW) =>
  verdictOn(() => checkClaims({ ...genuine, ...change }, given, now));

test.each<[string, Record<string, unknown>]>([
  ['as they are', {}],
  ['without the claims that nobody promised', { iat: undefined, nbf: undefined, jti: undefined }],
  ['with claims that nobody knows', { sub: null, scp: ['a'], azp: {} }],
  ['with the audience in capitals', { aud: GUID.toUpperCase() }],
  ['with another of the audiences', { aud: 'api://Named' }],
  ['with the audience in a list', { aud: [GUID] }],
  ['with the audience among others', { aud: ['somebody', GUID, 'else'] }],
  ['with times that are no whole seconds', { iat: NOW - 0.5, nbf: NOW - 0.5, exp: NOW + 299.5 }],
  ['just before the tolerance of the expiry ends', { iat: NOW - 359, nbf: NOW - 359, exp: NOW - 59 }],
  ['from a clock that is ahead by the tolerance', { iat: NOW + 60, nbf: NOW + 60, exp: NOW + 360 }],
  ['with all the life there is, tolerance included', { iat: NOW, nbf: NOW, exp: NOW + 360 }],
  ['dated back by five minutes', { iat: NOW - 300, nbf: NOW - 300, exp: NOW + 300 }],
  ['dated back, from a clock that is ahead', { iat: NOW - 240, nbf: NOW - 240, exp: NOW + 360 }],
  ['with a time of issue in digits', { iat: String(NOW) }],
  ['with null for what is not set', { iat: null, nbf: null, jti: null }],
  ['with empty text for what is not set', { iat: '', nbf: '', jti: '' }],
  ['that end one second after they begin', { nbf: NOW - 1, exp: NOW }],
])('genuine claims are accepted %s', async (_how, change) => {
  expect(await verdict(change)).toBe('accepted');
});

test.each<[unknown, string]>([
  [undefined, 'token-issuer'],
  [null, 'token-issuer'],
  ['', 'token-issuer'],
  ['https://issuer.example/', 'token-issuer'],
  ['https://Issuer.example', 'token-issuer'],
  ['http://issuer.example', 'token-issuer'],
  [' https://issuer.example', 'token-issuer'],
  [['https://issuer.example'], 'token-issuer'],
  [{ toString: 'https://issuer.example' }, 'token-issuer'],
])('the issuer %j is refused', async (iss, reason) => {
  expect(await verdict({ iss })).toBe(reason);
});

test.each<[string, unknown]>([
  ['of somebody else', 'b5dd8a1c-0000-4000-8000-000000000000'],
  ['that is missing', undefined],
  ['that is null', null],
  ['that is empty', ''],
  ['that is an empty list', []],
  ['that is a list in a list', [[GUID]]],
  ['that is a list with more than text', [GUID, 1]],
  ['that is a list with null', [null, GUID]],
  ['that is an object', { 0: GUID, length: 1 }],
  ['that is true', true],
  ['that is cut short', GUID.slice(0, -1)],
  ['that goes on', `${GUID}0`],
  ['in braces', `{${GUID}}`],
  ['with white space', ` ${GUID}`],
  ['without dashes', GUID.replaceAll('-', '')],
  ['that is named in another case', 'api://named'],
  ['that joins what is allowed', rules.audiences.join(',')],
])('an audience %s is refused', async (_what, aud) => {
  expect(await verdict({ aud })).toBe('token-audience');
});

test('only where the whole audience is a GUID its case has no say', async () => {
  const given = { ...rules, audiences: [`${GUID}/Named`, `api://${GUID}`] };
  expect(await verdict({ aud: `${GUID}/Named` }, given)).toBe('accepted');
  for (const aud of [`${GUID}/named`, `API://${GUID}`, GUID])
    expect(await verdict({ aud }, given)).toBe('token-audience');
});

test('without audiences in the rules nothing is accepted, not even an empty audience', async () => {
  for (const aud of [undefined, '', [], GUID, [undefined]]) {
    expect(await verdict({ aud }, { ...rules, audiences: [] })).toBe('token-audience');
  }
});

test.each<[string, Record<string, unknown>, string]>([
  ['no expiry', { exp: undefined }, 'token-expiry-missing'],
  ['an expiry one tolerance ago', { iat: NOW - 360, nbf: NOW - 360, exp: NOW - 60 }, 'token-expired'],
  ['an expiry of zero', { exp: 0, iat: undefined, nbf: undefined }, 'token-expired'],
  ['an expiry long before the epoch', { exp: -1e308, iat: undefined, nbf: undefined }, 'token-expired'],
  ['an expiry too far ahead', { exp: NOW + 361, iat: undefined, nbf: undefined }, 'token-life-too-long'],
  ['an expiry in milliseconds', { exp: (NOW + 300) * 1000 }, 'token-life-too-long'],
  [
    'an expiry that no double can add to',
    { exp: 1.7e308, iat: undefined, nbf: undefined },
    'token-life-too-long',
  ],
  [
    'too long a life from now on, by a clock that is ahead',
    { iat: NOW + 60, nbf: NOW + 60, exp: NOW + 361 },
    'token-life-too-long',
  ],
  ['too long a life since it was issued', { iat: NOW - 301, nbf: undefined }, 'token-life-too-long'],
  ['too long a life since it was valid', { nbf: NOW - 301, iat: undefined }, 'token-life-too-long'],
  ['too long a life since it was issued, in digits', { iat: String(NOW - 301) }, 'token-life-too-long'],
  ['an end at its beginning', { nbf: NOW + 30, exp: NOW + 30 }, 'token-never-valid'],
  ['an end before its beginning', { nbf: NOW + 31, exp: NOW + 30 }, 'token-never-valid'],
  [
    'the life of a media token of which a minute is left',
    { iat: NOW - 86_340, exp: NOW + 60 },
    'token-life-too-long',
  ],
  ['a time of issue before all times', { iat: -1e308 }, 'token-life-too-long'],
  ['a validity that begins later', { nbf: NOW + 61 }, 'token-not-yet-valid'],
  ['a time of issue in the future', { iat: NOW + 61, nbf: undefined }, 'token-issued-in-future'],
  ['a time of issue in the future, in digits', { iat: String(NOW + 61) }, 'token-issued-in-future'],
])('claims with %s are refused', async (_what, change, reason) => {
  expect(await verdict(change)).toBe(reason);
});

test.each<[string, readonly unknown[]]>([
  ['exp', [null, '', String(NOW + 300)]],
  ['iat', ['soon', '-1', '1e9', '+1800000000', ' 1800000000', '1800000000.5', '1'.repeat(16)]],
  ['nbf', [String(NOW)]],
])('%s is refused unless it is a finite number', async (name, texts) => {
  const finite = genuine[name as 'exp'];
  const values = [
    ...texts,
    true,
    [finite],
    {},
    new Date(finite),
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const value of [...values, Number.NaN, JSON.parse('1e999')]) {
    expect(await verdict({ [name]: value })).toBe('token-claim-invalid');
  }
});

test.each([[7], [0], [false], [['one']], [[]], [{}], [true]])('the token id %j is refused', async (jti) => {
  expect(await verdict({ jti })).toBe('token-claim-invalid');
});

test('the life of a token and the tolerance are those of the rules', async () => {
  const media = { ...rules, lifeSeconds: 86_400 };
  expect(await verdict({ iat: NOW - 86_340, nbf: undefined, exp: NOW + 60 }, media)).toBe('accepted');
  const strict = { ...rules, toleranceSeconds: 0 };
  expect(await verdict({ exp: NOW + 300 }, strict)).toBe('accepted');
  expect(await verdict({ exp: NOW + 301 }, strict)).toBe('token-life-too-long');
  expect(await verdict({ iat: NOW - 300, nbf: undefined, exp: NOW }, strict)).toBe('token-expired');
  expect(await verdict({ nbf: NOW + 1, iat: undefined }, strict)).toBe('token-not-yet-valid');
});

test('whatever the times, an accepted token is in its time and lives no longer than its kind', async () => {
  const odd = fc.oneof(
    fc.constantFrom(0, NOW * 1000, -NOW, Number.MAX_VALUE, -Number.MAX_VALUE),
    fc.double({ noNaN: true }),
  );
  const time = fc.oneof(
    { arbitrary: fc.integer({ min: NOW - 400, max: NOW + 400 }), weight: 9 },
    { arbitrary: odd, weight: 1 },
  );
  const times = fc.record({
    exp: time,
    iat: fc.option(time, { nil: undefined }),
    nbf: fc.option(time, { nil: undefined }),
  });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(times, async (change) => {
      const { exp, iat = NOW, nbf = NOW } = change;
      const inTime = exp + 60 > NOW && nbf <= NOW + 60 && iat <= NOW + 60;
      const shortLived = exp - NOW <= 360 && [iat, nbf].every((start) => exp - start <= 600);
      const begins = change.nbf === undefined || exp > change.nbf;
      const finite = [exp, iat, nbf].every(Number.isFinite);
      if ((await verdict(change)) === 'accepted') accepted++;
      expect((await verdict(change)) === 'accepted').toBe(finite && inTime && shortLived && begins);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test('claims inside a member named __proto__ are none', async () => {
  const claims = JSON.parse(`{"__proto__":${JSON.stringify(genuine)}}`);
  expect(await verdictOn(() => checkClaims(claims, rules, NOW))).toBe('token-issuer');
});
