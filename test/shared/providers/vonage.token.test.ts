import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { hs256 } from '../../../local/fakes/token.ts';
import { bodyHash } from '../../../shared/verification/body-hash.ts';
import { judge } from '../../../shared/verification/check.ts';
import { vonageToken } from '../../../shared/providers/vonage/token.ts';
import { manualClock } from '../../clock.ts';
import { version } from '../../support/secret-versions.ts';
import { plainTimes } from '../../support/plain-times.ts';
import { received, verdictOf } from '../../support/verdict.ts';

const NOW = 1_800_000_000;
const SECRET = 'the signature secret of this kind';
const BODY = '{"event":"callCreated"}';
const HASH = createHash('sha256').update(BODY).digest('hex');
const header = { alg: 'HS256', typ: 'JWT' };
const claims = { iss: 'Vonage', iat: NOW, jti: 'one', payload_hash: HASH, api_key: '1', application_id: 'a' };
const asked: string[] = [];
const check = vonageToken({
  projects: [{ apiKey: '1', applicationId: 'a' }, { apiKey: '2' }],
  secrets: async ({ apiKey }) => {
    asked.push(apiKey);
    const versions = [version('x', 'another that is in force'), version('y', SECRET)];
    return { versions, isShared: false, isComplete: true };
  },
  maxAgeSeconds: 87_300,
  toleranceSeconds: 60,
  clock: manualClock(NOW),
});
const verdict = (token: string) =>
  verdictOf(check, received({ headers: { authorization: `Bearer ${token}` } }));
const signed = (change: Record<string, unknown>) => hs256(header, { ...claims, ...change }, SECRET);

test.each<[string, Record<string, unknown>]>([
  ['as it is', {}],
  ['of a project without an application of its own', { api_key: '2', application_id: 'any' }],
  ['without an application, where none is named', { api_key: '2', application_id: undefined }],
  ['without a jti', { jti: undefined }],
  ['at the end of its age', { iat: NOW - 87_300 - 60 }],
  ['that expires within the tolerance', { exp: NOW - 59 }],
  ['that has not expired', { exp: NOW + 300 }],
  ['that begins at the end of the tolerance', { nbf: NOW + 60 }],
  ['that has begun', { nbf: NOW - 300 }],
  ['from a clock that is ahead by the tolerance', { iat: NOW + 60 }],
])('a token %s is accepted', async (_what, change) => {
  expect(await verdict(signed(change))).toBe('accepted');
});

test('a proof names the claims of the token, and how old it was', async () => {
  const request = received({ headers: { authorization: `Bearer ${signed({ iat: NOW - 9 })}` } });
  const { claims: seen } = await check.run(request, new AbortController().signal, {});
  expect(seen).toEqual({
    names: ['api_key', 'application_id', 'iat', 'iss', 'jti', 'payload_hash'],
    ageSeconds: 9,
  });
});

test.each<[string, Record<string, unknown>, string]>([
  ['too old by a second', { iat: NOW - 87_361 }, 'token-too-old'],
  ['from the future by a second', { iat: NOW + 61 }, 'token-issued-in-future'],
  ['that has expired', { exp: NOW - 60 }, 'token-expired'],
  ['without an iat', { iat: undefined }, 'token-issued-missing'],
  ['of another issuer', { iss: 'vonage' }, 'token-issuer'],
  ['that names no issuer', { iss: '' }, 'token-issuer'],
  ['of another application of the project', { application_id: 'b' }, 'token-project'],
  ['that names no application', { application_id: undefined }, 'token-project'],
  ['without a hash', { payload_hash: undefined }, 'payload-hash-malformed'],
  ['with a hash in a list', { payload_hash: [HASH] }, 'payload-hash-malformed'],
  ['with a hash in upper case', { payload_hash: HASH.toUpperCase() }, 'payload-hash-malformed'],
  ['with more than a hash', { payload_hash: `${HASH}0` }, 'payload-hash-malformed'],
  ['with something before a hash', { payload_hash: `0${HASH}` }, 'payload-hash-malformed'],
  ['whose jti is a number', { jti: 7 }, 'token-claim-invalid'],
  ['whose iat is null', { iat: null }, 'token-issued-missing'],
  ['that is not valid yet', { nbf: NOW + 61 }, 'token-not-yet-valid'],
  ['whose iat is infinite', { iat: '1e999' }, 'token-claim-invalid'],
])('a token %s is refused', async (_what, change, reason) => {
  expect(await verdict(signed(change))).toBe(reason);
});

test('a token under a secret that is not in force is refused', async () => {
  expect(await verdict(hs256(header, claims, 'a secret of long ago'))).toBe('token-signature');
});

test.each([
  ['cut short', (mac: Buffer) => mac.subarray(1)],
  ['with a byte too many', (mac: Buffer) => Buffer.concat([mac, Buffer.of(0)])],
])('a signature %s is refused', async (_what, changed) => {
  const [first, second, third = ''] = signed({}).split('.');
  const other = changed(Buffer.from(third, 'base64url')).toString('base64url');
  expect(await verdict(`${first}.${second}.${other}`)).toBe('token-signature');
});

test('a callback without a token is an outage of theirs, so that it comes again', async () => {
  expect(await verdictOf(check, received())).toBe('callback-unsigned');
  expect((await judge(check, received(), new AbortController().signal)).outcome).toBe('unavailable');
});

test('a token is known by its jti, and by its signature where it has none', async () => {
  const proofOf = (token: string) =>
    check.run(received({ headers: { authorization: `Bearer ${token}` } }), new AbortController().signal, {});
  const nameless = signed({ jti: undefined });
  expect(await proofOf(signed({ jti: '' }))).toMatchObject({ tokenId: expect.stringMatching(/^[\w-]{43}$/) });
  const mac = Buffer.from(nameless.split('.')[2] ?? '', 'base64url');
  const proof = { sender: 'Vonage', project: '1', payloadHash: HASH };
  expect(await proofOf(signed({}))).toMatchObject({ ...proof, tokenId: 'one' });
  expect(await proofOf(nameless)).toMatchObject({
    ...proof,
    tokenId: createHash('sha256').update(mac).digest('base64url'),
  });
});

test.each(['3', '../x', '__proto__', 'constructor', '', 1, null, ['1'], { toString: '1' }])(
  'the project %j is refused, and no secret is asked for',
  async (api_key) => {
    asked.length = 0;
    expect(await verdict(signed({ api_key }))).toBe('token-project');
    expect(asked).toEqual([]);
  },
);

test('a token with any one character changed is refused', async () => {
  const token = signed({});
  const change = fc.tuple(fc.nat(token.length - 1), fc.integer({ min: 33, max: 126 }));
  await fc.assert(
    fc.asyncProperty(change, async ([at, code]) => {
      const other = token.slice(0, at) + String.fromCharCode(code) + token.slice(at + 1);
      fc.pre(other !== token);
      expect(await verdict(other)).not.toBe('accepted');
    }),
    { numRuns: 2000 },
  );
});

test('whatever is accepted is accepted by jose as well', async () => {
  const odd = fc.oneof(
    fc.integer({ min: NOW - 90_000, max: NOW + 200 }),
    fc.jsonValue({ maxDepth: 1 }),
    fc.constant(undefined),
  );
  const mostly = (right: unknown, wrong: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
  const changes = fc.record({
    iat: mostly(NOW, odd),
    exp: mostly(undefined, odd),
    nbf: mostly(undefined, odd),
    iss: mostly('Vonage', fc.constantFrom('vonage', ['Vonage'], undefined)),
    jti: fc.constantFrom('one', undefined, 7),
  });
  const alg = mostly('HS256', fc.constantFrom('HS384', 'none', 'hs256'));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(changes, alg, async (change, algorithm) => {
      const token = hs256({ ...header, alg: algorithm }, { ...claims, ...change }, SECRET);
      if ((await verdict(token)) !== 'accepted') return;
      accepted++;
      const plain = hs256({ ...header, alg: algorithm }, plainTimes({ ...claims, ...change }), SECRET);
      await jwtVerify(plain, Buffer.from(SECRET), {
        algorithms: ['HS256'],
        issuer: 'Vonage',
        clockTolerance: 60,
        currentDate: new Date(NOW * 1000),
        maxTokenAge: 87_300,
      });
      // Independent of jose, which verifies the signature in both.
      const [first, second, signature] = token.split('.');
      const mac = createHmac('sha256', SECRET).update(`${first}.${second}`).digest('base64url');
      expect(signature).toBe(mac);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test.each([
  ['the body', BODY, HASH, 'accepted'],
  ['another body', `${BODY} `, HASH, 'payload-hash-wrong'],
  ['no hash', BODY, '', 'payload-hash-wrong'],
  ['a part of the hash', BODY, HASH.slice(2), 'payload-hash-wrong'],
])('%s is compared with the verified hash', async (_what, body, payloadHash, expected) => {
  const given = {
    name: bodyHash.name,
    run: (...of: Parameters<typeof bodyHash.run>) => bodyHash.run(of[0], of[1], { payloadHash }),
  };
  expect(await verdictOf(given, received({ body }))).toBe(expected);
});
