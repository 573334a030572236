import { createHash } from 'node:crypto';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { rs256 } from '../../../local/fakes/token.ts';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { verifyRs256Token } from '../../../shared/verification/jwt.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { json, keysOf, startIssuer } from '../../support/issuer.ts';
import { signingKey } from '../../support/key-set.ts';
import { verdictOn } from '../../support/verdict.ts';

beforeAll(() => Promise.all(['old', 'new'].map(signingKey)));

/** A token of an issuer on loopback, and what it takes to prove it. */
async function prover() {
  const clock = manualClock();
  const issuer = await startIssuer();
  onTestFinished(issuer.close);
  const key = await signingKey('old');
  issuer.at('/keys', keysOf(key));
  const keys = keySet({
    name: 'issuer',
    fetchKeys: keyFetcher(issuer, clock, globalThis.fetch),
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: () => {},
  });
  const rules = { issuers: [issuer.issuer], audiences: ['me'], lifeSeconds: 300, toleranceSeconds: 60 };
  const claims = { iss: issuer.issuer, aud: 'me', exp: clock.now() + 300 };
  const header = { alg: 'RS256', kid: key.kid };
  const signal = new AbortController().signal;
  return {
    clock,
    issuer,
    keys,
    claims,
    header,
    key,
    prove: (text: string) => verifyRs256Token(text, rules, keys, clock, signal),
  };
}

test('a proof names the issuer, the token by the hash of its signature, and the age of the keys', async () => {
  const { clock, keys, claims, header, key, prove } = await prover();
  await keys.warm();
  await clock.advance(90_000);
  const token = rs256(header, claims, key);
  const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url');
  expect(await prove(token)).toEqual({
    sender: claims.iss,
    token: {
      id: createHash('sha256').update(signature).digest('base64url'),
      expires: claims.exp,
    },
    claims: { names: ['aud', 'exp', 'iss'], expiresInSeconds: 210 },
    keyAge: 90,
    reported: [],
  });
});

test('every key under the id is tried, and one that fits is enough', async () => {
  const { issuer, claims, header, key, prove } = await prover();
  const [first, last] = [{ ...(await signingKey('new')).jwk, kid: key.kid }, key.jwk];
  issuer.at('/keys', json({ keys: [first, last] }));
  expect(await verdictOn(() => prove(rs256(header, claims, key)))).toBe('accepted');
  expect(await verdictOn(async () => prove(rs256(header, claims, await signingKey('new'))))).toBe('accepted');
});

test('a key of the issuer does not verify what is signed with another one', async () => {
  const { issuer, claims, header, key, prove } = await prover();
  issuer.at('/keys', keysOf(key, await signingKey('new')));
  expect(await verdictOn(() => prove(rs256({ ...header, kid: 'new' }, claims, key)))).toBe('token-signature');
});

test.each([
  ['header', 0],
  ['claims', 1],
  ['signature', 2],
])('a single bit changed in the %s is refused', async (_what, segment) => {
  const { claims, header, key, prove } = await prover();
  const token = rs256({ ...header, typ: 'JWT' }, { ...claims, pad: 'AAAA' }, key);
  const segments = token.split('.').map((text) => Buffer.from(text, 'base64url'));
  const changed = segments[segment] ?? Buffer.alloc(0);
  const at = segment === 2 ? 100 : changed.indexOf(segment === 0 ? 'JWT' : 'AAAA');
  changed[at] = (changed[at] ?? 0) ^ 1;
  expect(await verdictOn(() => prove(token))).toBe('accepted');
  expect(await verdictOn(() => prove(segments.map((bytes) => bytes.toString('base64url')).join('.')))).toBe(
    'token-signature',
  );
});

test('what can be refused without a key costs the issuer nothing', async () => {
  const { issuer, claims, header, key, prove } = await prover();
  const cheap = {
    'token-malformed': 'a.b',
    'token-algorithm': rs256({ ...header, alg: 'RS512' }, claims, key),
    'token-header-refused': rs256({ ...header, jwk: key.jwk }, claims, key),
    'token-key-id': rs256({ alg: 'RS256' }, claims, key),
    'token-issuer': rs256(header, { ...claims, iss: 'https://other.example' }, key),
    'token-audience': rs256(header, { ...claims, aud: 'you' }, key),
    'token-expired': rs256(header, { ...claims, exp: 1 }, key),
  };
  for (const [reason, token] of Object.entries(cheap))
    expect(await verdictOn(() => prove(token))).toBe(reason);
  expect(issuer.requests()).toEqual([]);
});

test('a token is held against the time of its arrival', async () => {
  const { clock, claims, header, key, prove } = await prover();
  const token = rs256(header, claims, key);
  expect(await verdictOn(() => prove(token))).toBe('accepted');
  clock.step(359);
  expect(await verdictOn(() => prove(token))).toBe('accepted');
  clock.step(1);
  expect(await verdictOn(() => prove(token))).toBe('token-expired');
});
