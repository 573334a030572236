import { constants, createHmac, generateKeyPairSync, publicDecrypt, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { flattenedVerify, importJWK } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { signingInput } from '../../../../local/fakes/token.ts';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { usableKeys } from '../../../../shared/verification/jwks.ts';
import { isSignedWithAny, parseCompactJws } from '../../../../shared/verification/jwt.ts';
import { forgedRoot } from './forged-root.ts';
import { DIGEST_INFO, FORMS, block, sealed, sha256 } from './padding.ts';

// Signatures under keys that are made here, in the families of the public test suites for RSASSA-PKCS1-v1_5.
const SIZE = 256;
const input = signingInput({ alg: 'RS256' }, { aud: 'me' });
const bytes = Buffer.from(input);

/** A key pair, and who says what of a signature that is said to be of it. */
async function judged(publicExponent: number) {
  const pair = generateKeyPairSync('rsa', { modulusLength: 8 * SIZE, publicExponent });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'key' };
  const [ours] = (await usableKeys({ keys: [jwk] }, 'https://issuer.example')).get('key') ?? [];
  const theirs = await importJWK(jwk as SigningKey['jwk'] & { kty: string }, 'RS256');
  if (!ours) throw new Error('the key is of no use');
  return {
    ...pair,
    ringward: (signature: Uint8Array) =>
      isSignedWithAny(parseCompactJws(`${input}.${Buffer.from(signature).toString('base64url')}`), 'RS256', [
        ours,
      ]),
    jose: (signature: Uint8Array) => {
      const [header = '', payload = ''] = input.split('.');
      const jws = { protected: header, payload, signature: Buffer.from(signature).toString('base64url') };
      return flattenedVerify(jws, theirs).then(
        () => true,
        () => false,
      );
    },
    node: async (signature: Uint8Array) => verify('sha256', bytes, pair.publicKey, signature),
  };
}

/** Keys with the exponents that are in use: 65537 everywhere, 3 in old keys, where roots can be forged. */
const exponents = [65_537, 3] as const;
let keys: Record<(typeof exponents)[number], Awaited<ReturnType<typeof judged>>>;
beforeAll(async () => {
  keys = { 65_537: await judged(65_537), 3: await judged(3) };
});

const opened = (signature: Uint8Array, key: KeyObject) =>
  publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);

const forms = exponents.flatMap((exponent) => FORMS.map((form) => ({ exponent, ...form })));

test.each(forms)('exponent $exponent, a block with $name', async ({ exponent, why, block: made }) => {
  const { privateKey, publicKey, ringward, jose, node } = keys[exponent];
  const content = made(bytes, SIZE);
  // The private operation takes no block that is larger than the modulus: then no signature says it.
  if (content[0] !== 0 && Buffer.compare(content, modulusOf(publicKey)) >= 0) return;
  const signature = sealed(content, privateKey);
  // What is signed is what we meant to sign.
  expect(opened(signature, publicKey).equals(content)).toBe(true);
  const verdicts = [await ringward(signature), await jose(signature), await node(signature)];
  expect(verdicts).toEqual(Array.from({ length: 3 }, () => why === undefined));
});

const modulusOf = (key: KeyObject) => Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');

test.each(exponents)('every other form than the right one is another block (exponent %s)', (exponent) => {
  const right = block(Buffer.concat([DIGEST_INFO, sha256(bytes)]), SIZE);
  const { privateKey } = keys[exponent];
  expect(sealed(right, privateKey).equals(sign('sha256', bytes, privateKey))).toBe(true);
  const made = FORMS.map((form) => form.block(bytes, SIZE).toString('hex'));
  expect(new Set(made).size).toBe(FORMS.length);
  expect(made.filter((form) => form === right.toString('hex'))).toHaveLength(1);
  expect(new Set(made.map(({ length }) => length))).toEqual(new Set([2 * SIZE]));
});

test('a cube root that nobody signed begins as a signed block does, and is refused', async () => {
  const { publicKey, ringward, jose, node } = keys[3];
  const { signature, prefix } = forgedRoot(bytes, SIZE);
  // A verifier that stops behind the hash takes it.
  expect(opened(signature, publicKey).subarray(0, prefix.length).equals(prefix)).toBe(true);
  expect([await ringward(signature), await jose(signature), await node(signature)]).toEqual([
    false,
    false,
    false,
  ]);
});

const number = (value: bigint, size = SIZE) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
const value = (from: Uint8Array) => BigInt(`0x${Buffer.from(from).toString('hex')}`);

test.each<[string, (signature: Buffer, key: { publicKey: KeyObject; privateKey: KeyObject }) => Buffer]>([
  ['the number 0', () => number(0n)],
  ['the number 1, which is its own power', () => number(1n)],
  ['the modulus', (_signature, { publicKey }) => modulusOf(publicKey)],
  [
    'the modulus less 1, which is its own power',
    (_signature, { publicKey }) => number(value(modulusOf(publicKey)) - 1n),
  ],
  [
    'its opposite residue',
    (signature, { publicKey }) => number(value(modulusOf(publicKey)) - value(signature)),
  ],
  [
    'the same residue, a modulus higher, in a byte more',
    (signature, { publicKey }) => number(value(signature) + value(modulusOf(publicKey)), SIZE + 1),
  ],
  ['a byte of zero before it', (signature) => Buffer.concat([Buffer.of(0), signature])],
  ['a byte of zero behind it', (signature) => Buffer.concat([signature, Buffer.of(0)])],
  ['its first byte left out', (signature) => signature.subarray(1)],
  ['its bytes in the opposite order', (signature) => Buffer.from(signature.toReversed())],
  ['its hexadecimal digits', (signature) => Buffer.from(signature.toString('hex'))],
  ['itself twice', (signature) => Buffer.concat([signature, signature])],
  [
    'PSS with a salt',
    (_signature, { privateKey }) =>
      sign('sha256', bytes, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  ],
  [
    'PSS without a salt',
    (_signature, { privateKey }) =>
      sign('sha256', bytes, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 0 }),
  ],
  ['SHA-1', (_signature, { privateKey }) => sign('sha1', bytes, privateKey)],
  ['SHA-384', (_signature, { privateKey }) => sign('sha384', bytes, privateKey)],
  ['SHA-512', (_signature, { privateKey }) => sign('sha512', bytes, privateKey)],
  [
    'the hash signed as if it were the text',
    (_signature, { privateKey }) => sign('sha256', sha256(bytes), privateKey),
  ],
  [
    'the header alone',
    (_signature, { privateKey }) => sign('sha256', Buffer.from(input.split('.')[0] ?? ''), privateKey),
  ],
  [
    'the decoded header and claims',
    (_signature, { privateKey }) => sign('sha256', Buffer.from(`{"alg":"RS256"}.{"aud":"me"}`), privateKey),
  ],
  [
    'an HMAC under the modulus',
    (_signature, { publicKey }) => createHmac('sha256', modulusOf(publicKey)).update(bytes).digest(),
  ],
  [
    'an HMAC under the public key in PEM',
    (_signature, { publicKey }) =>
      createHmac('sha256', publicKey.export({ format: 'pem', type: 'spki' }))
        .update(bytes)
        .digest(),
  ],
])('in the place of a signature, %s', async (_what, made) => {
  const key = keys[65_537];
  const right = sign('sha256', bytes, key.privateKey);
  expect([await key.ringward(right), await key.jose(right), await key.node(right)]).toEqual([
    true,
    true,
    true,
  ]);
  const wrong = made(right, key);
  expect([await key.ringward(wrong), await key.jose(wrong), await key.node(wrong)]).toEqual([
    false,
    false,
    false,
  ]);
});
