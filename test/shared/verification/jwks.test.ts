import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { newSigningKey } from '../../../local/fakes/token.ts';
import type { SigningKey } from '../../../local/fakes/token.ts';
import { usableKeys } from '../../../shared/verification/jwks.ts';
import { belongTo } from '../../support/issuer.ts';
import { signingKey } from '../../support/key-set.ts';

const ISSUER = 'https://issuer.example';
let good: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [good, other] = await Promise.all([signingKey('good'), signingKey('other')]);
});

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** An odd modulus of so many bits; nobody has its factors. */
function modulus(bits: number): string {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  bytes[0] = ((bytes[0] ?? 0) & (2 ** top - 1)) | (2 ** top);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 1;
  return base64url(bytes);
}

const bad: readonly (readonly [string, (jwk: Record<string, unknown>) => unknown])[] = [
  ['for encryption', (jwk) => ({ ...jwk, use: 'enc' })],
  ['of another type', (jwk) => ({ ...jwk, kty: 'EC' })],
  ['without a type', (jwk) => ({ ...jwk, kty: undefined })],
  ['for another algorithm', (jwk) => ({ ...jwk, alg: 'RS512' })],
  ['for PSS', (jwk) => ({ ...jwk, alg: 'PS256' })],
  ['for signing alone', (jwk) => ({ ...jwk, key_ops: ['sign'] })],
  ['whose operations are no list', (jwk) => ({ ...jwk, key_ops: 'verify' })],
  ['whose operations are an object', (jwk) => ({ ...jwk, key_ops: {} })],
  ['whose use is a list', (jwk) => ({ ...jwk, use: [] })],
  ['whose algorithm is false', (jwk) => ({ ...jwk, alg: false })],
  ['without a modulus', (jwk) => ({ ...jwk, n: undefined })],
  ['with a modulus that is a number', (jwk) => ({ ...jwk, n: 7 })],
  ['with an empty modulus', (jwk) => ({ ...jwk, n: '' })],
  ['with a modulus of 1024 bits', (jwk) => ({ ...jwk, n: modulus(1024) })],
  ['with a modulus of 2047 bits', (jwk) => ({ ...jwk, n: modulus(2047) })],
  [
    'with a modulus of 1024 bits behind zeros',
    (jwk) => ({ ...jwk, n: base64url(Buffer.alloc(128)) + modulus(1024) }),
  ],
  ['with a modulus of 8193 bits', (jwk) => ({ ...jwk, n: modulus(8193) })],
  ['without an exponent', (jwk) => ({ ...jwk, e: undefined })],
  ['with the exponent 0', (jwk) => ({ ...jwk, e: base64url(Buffer.of(0)) })],
  ['with the exponent 1', (jwk) => ({ ...jwk, e: base64url(Buffer.of(1)) })],
  ['with the exponent 1 behind zeros', (jwk) => ({ ...jwk, e: base64url(Buffer.of(0, 0, 1)) })],
  ['with an even exponent', (jwk) => ({ ...jwk, e: base64url(Buffer.of(1, 0, 0)) })],
  ['with an exponent of 33 bits', (jwk) => ({ ...jwk, e: base64url(Buffer.of(1, 0, 0, 0, 1)) })],
  ['without an id', (jwk) => ({ ...jwk, kid: undefined })],
  ['with an empty id', (jwk) => ({ ...jwk, kid: '' })],
  ['with an id that is a number', (jwk) => ({ ...jwk, kid: 7 })],
  ['that is null', () => null],
  ['that is text', () => 'key'],
  ['that is a list', (jwk) => [jwk]],
];

test.each(bad)('a key %s is skipped and does not cost the next one', async (_what, spoil) => {
  const keys = await usableKeys({ keys: [spoil({ ...good.jwk }), other.jwk] }, ISSUER);
  expect([...keys.keys()]).toEqual(['other']);
});

test.each(bad)('a set of nothing but a key %s is none', async (_what, spoil) => {
  await expect(usableKeys({ keys: [spoil({ ...good.jwk })] }, ISSUER)).rejects.toThrow(
    'holds no usable RSA signature key',
  );
});

test.each<[string, (jwk: Record<string, unknown>) => unknown]>([
  ['as it is', (jwk) => jwk],
  ['without a use', (jwk) => ({ ...jwk, use: undefined })],
  ['without an algorithm', (jwk) => ({ ...jwk, alg: undefined })],
  ['for verifying', (jwk) => ({ ...jwk, key_ops: ['verify'] })],
  ['for any operation, as .NET writes it', (jwk) => ({ ...jwk, key_ops: [] })],
  ['with null for what is not set', (jwk) => ({ ...jwk, use: null, alg: null, key_ops: null })],
  ['with empty text for what is not set', (jwk) => ({ ...jwk, use: '', alg: '', key_ops: '' })],
  ['with a modulus of 2048 bits', (jwk) => ({ ...jwk, n: modulus(2048) })],
  ['with a modulus of 8192 bits', (jwk) => ({ ...jwk, n: modulus(8192) })],
  ['with the exponent 3', (jwk) => ({ ...jwk, e: base64url(Buffer.of(3)) })],
  ['with an exponent of 32 bits', (jwk) => ({ ...jwk, e: base64url(Buffer.of(255, 255, 255, 255)) })],
  [
    'with members that nobody knows',
    (jwk) => ({ ...jwk, x5t: 'AAAA', ext: false, issuer: 'https://issuer.example' }),
  ],
])('a key %s is taken', async (_what, change) => {
  expect([...(await usableKeys({ keys: [change({ ...good.jwk })] }, ISSUER)).keys()]).toEqual(['good']);
});

test('a private key that is listed by mistake becomes a public one', async () => {
  const jwk = { ...good.privateKey.export({ format: 'jwk' }), kid: 'good' };
  const [key] = (await usableKeys({ keys: [jwk] }, ISSUER)).get('good') ?? [];
  expect([key?.type, key?.algorithm.name]).toEqual(['public', 'RSASSA-PKCS1-v1_5']);
});

test('keys under one id are all kept, in the order listed', async () => {
  const keys =
    (await usableKeys({ keys: [good.jwk, { ...other.jwk, kid: 'good' }] }, ISSUER)).get('good') ?? [];
  expect(keys).toHaveLength(2);
  expect([await belongTo(keys.slice(0, 1), good), await belongTo(keys.slice(1), other)]).toEqual([
    true,
    true,
  ]);
});

test('an id may be any text, and finds nothing but its own key', async () => {
  const keys = await usableKeys({ keys: [{ ...good.jwk, kid: '__proto__' }] }, ISSUER);
  expect(keys.get('__proto__')).toHaveLength(1);
  expect([keys.get('constructor'), keys.get('toString'), keys.get('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('of a set of any length a hundred keys are looked at', async () => {
  const filler = Array.from({ length: 99 }, () => null);
  const keys = await usableKeys({ keys: [...filler, good.jwk, other.jwk] }, ISSUER);
  expect([...keys.keys()]).toEqual(['good']);
});

async function keysOrFault(document: unknown) {
  try {
    return await usableKeys(document, ISSUER);
  } catch (fault) {
    return (fault as Error).message;
  }
}

test('whatever the document, there comes a usable key or an error that says what is wrong', async () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom('RSA', 'sig', 'RS256', 'AQAB', 'kid'));
  const jwk = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { kty: member, use: member, alg: member, key_ops: member, kid: member, n: member, e: member },
      { requiredKeys: [] },
    ),
    fc.record({ n: member, e: member, kid: member }).map((change) => ({ ...good.jwk, ...change })),
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({ keys: fc.array(jwk) })), async (document) => {
      const keys = await keysOrFault(document);
      if (typeof keys === 'string')
        expect(keys).toMatch(/^(is not a JWK set|holds no usable RSA signature key)$/);
      else expect([...keys.values()].every((some) => some.length > 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('keys of an issuer that signs with more than 2048 bits verify', async () => {
  const strong = await newSigningKey('strong', 3072);
  const keys = await usableKeys({ keys: [strong.jwk] }, ISSUER);
  expect(await belongTo(keys.get('strong') ?? [], strong)).toBe(true);
});

describe('an issuer of one tenant', () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const issuer = `https://login.example/${tenant}/v2.0`;
  const listed = async (stated: unknown) => {
    const keys = await usableKeys({ keys: [{ ...good.jwk, issuer: stated }, other.jwk] }, issuer);
    return [...keys.keys()];
  };

  test.each(['https://login.example/{tenantid}/v2.0', issuer, issuer.toUpperCase(), undefined, null, '', 7])(
    'has the keys that name it, all tenants or none: %s',
    async (stated) => {
      expect(await listed(stated)).toEqual(['good', 'other']);
    },
  );

  test.each(['9188040d-6c67-4c5b-b112-36a304b66dad', '9188040D-6C67-4C5B-B112-36A304B66DAD'])(
    'does not have the key of another tenant: %s',
    async (foreign) => {
      expect(await listed(`https://login.example/${foreign}/v2.0`)).toEqual(['other']);
    },
  );
});
