import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { jwtVerify } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { newSigningKey, rs256 } from '../../../local/fakes/token.ts';
import type { SigningKey } from '../../../local/fakes/token.ts';
import { reject } from '../../../shared/errors.ts';
import { usableKeys } from '../../../shared/verification/jwks.ts';
import type { VerificationKey } from '../../../shared/verification/jwks.ts';
import { verifyRs256Token } from '../../../shared/verification/jwt.ts';
import { manualClock } from '../../clock.ts';
import { plainTimes } from '../../support/plain-times.ts';

// Ringward and jose with the same options: Ringward may be stricter, never laxer. Both verify signatures with the code of
// jose, so Node judges the signature of each accepted token as well. Times that jose does not take, null or in digits, are
// put in its form first.
const KID = 'the-key';
const NOW = 1_800_000_000;
const ISSUER = 'https://issuer.example';
const rules = { issuers: [ISSUER], audiences: ['me'], lifeSeconds: 300, toleranceSeconds: 60 };
const clock = manualClock(NOW);
let signingKey: SigningKey;
let key: VerificationKey;
let publicKey: KeyObject;

beforeAll(async () => {
  signingKey = await newSigningKey(KID);
  key = (await usableKeys({ keys: [signingKey.jwk] }, ISSUER)).get(KID)?.[0] as VerificationKey;
  publicKey = createPublicKey(signingKey.privateKey);
});

async function ringwardAccepts(token: string): Promise<boolean> {
  const keys = {
    find: async (kid: string) => (kid === KID ? [key] : reject('token-key-unknown')),
    warm: async () => {},
    age: () => 0,
    isAvailable: () => true,
  };
  const signal = new AbortController().signal;
  try {
    await verifyRs256Token(token, rules, keys, clock, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whether jose accepts the token, and Node its signature. */
const othersAccept = async (token: string) => (await joseAccepts(token)) && nodeAccepts(token);

function nodeAccepts(token: string): boolean {
  const [header, claims, signature = ''] = token.split('.');
  const signed = Buffer.from(`${header}.${claims}`);
  return verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'));
}

const joseAccepts = (token: string) =>
  jwtVerify(token, publicKey, {
    issuer: ISSUER,
    audience: [...rules.audiences],
    algorithms: ['RS256'],
    clockTolerance: rules.toleranceSeconds,
    currentDate: new Date(NOW * 1000),
    requiredClaims: ['exp'],
  }).then(
    () => true,
    () => false,
  );

const header = { alg: 'RS256', typ: 'JWT', kid: KID };
const claims = { iss: ISSUER, aud: 'me', iat: NOW, nbf: NOW, exp: NOW + 300 };

test('the genuine token is accepted by both', async () => {
  const token = rs256(header, claims, signingKey);
  expect([await ringwardAccepts(token), await othersAccept(token)]).toEqual([true, true]);
});

test('a token with any one character changed, left out or put in is refused', async () => {
  const token = rs256(header, claims, signingKey);
  const character = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const place = fc.nat(token.length - 1);
  const changed = fc.tuple(place, character, fc.constantFrom(0, 1)).map(([at, put, taken]) => {
    return token.slice(0, at) + put + token.slice(at + taken);
  });
  const shortened = place.map((at) => token.slice(0, at) + token.slice(at + 1));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: changed }, shortened), async (other) => {
      fc.pre(other !== token);
      expect(await ringwardAccepts(other)).toBe(false);
    }),
    { numRuns: 3000 },
  );
});

/** Times around now, and what else a claim may hold. */
const odd = fc.oneof(
  fc.integer({ min: NOW - 1000, max: NOW + 1000 }),
  fc.constantFrom(NOW, NOW + 300, NOW - 60, NOW + 60, NOW + 360, 0, -1, 1e308, NOW * 1000, NOW + 0.5),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(undefined),
);
/** Mostly as it should be, so that one fault at a time is tried and much is accepted. */
const mostly = <Value>(right: Value, wrong: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant<unknown>(right) }, { weight: 1, arbitrary: wrong });
const one = (...values: [unknown, ...unknown[]]) => fc.constantFrom<unknown[]>(...values);

const oddHeader = fc.record({
  alg: mostly('RS256', one('rs256', 'none', 'RS512', 'PS256', 'HS256')),
  typ: one('JWT', 'at+jwt', undefined, 1),
  kid: mostly(KID, one('other', '', undefined, 1)),
  crit: mostly(undefined, one([], ['exp'], ['b64'], 'exp')),
  b64: mostly(undefined, one(true, false)),
  jwk: mostly(undefined, one({})),
});
const oddClaims = fc.record({
  iss: mostly(ISSUER, one(`${ISSUER}/`, [ISSUER], undefined)),
  aud: mostly('me', one(['me'], ['me', 'you'], 'ME', [], ['you'], undefined, [['me']], { me: 1 })),
  exp: mostly(NOW + 300, odd),
  nbf: mostly(NOW, odd),
  iat: mostly(NOW, odd),
  jti: one(undefined, 'id', '', 7),
});

test('whatever is signed by the issuer and accepted is accepted by jose as well', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(oddHeader, oddClaims, async (changedHeader, changedClaims) => {
      const [ownHeader, ownClaims] = [
        { ...header, ...changedHeader },
        { ...claims, ...changedClaims },
      ];
      if (!(await ringwardAccepts(rs256(ownHeader, ownClaims, signingKey)))) return;
      accepted++;
      expect(await othersAccept(rs256(ownHeader, plainTimes(ownClaims), signingKey))).toBe(true);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('whatever spelling of a signed token is accepted is accepted by jose as well', async () => {
  const text = JSON.stringify(claims);
  const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '\u00a0', '\ufeff');
  const member = fc.constantFrom(
    '"exp":1',
    '"exp":1800000300',
    '"aud":"you"',
    '"x":1',
    '"\\u0061ud":"you"',
    '"exp":1e9',
  );
  await fc.assert(
    fc.asyncProperty(space, space, fc.option(member), fc.boolean(), async (before, after, extra, first) => {
      const added = extra
        ? first
          ? text.replace('{', `{${extra},`)
          : text.replace('}', `,${extra}}`)
        : text;
      const token = rs256(header, before + added + after, signingKey);
      if (await ringwardAccepts(token)) expect(await othersAccept(token)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
