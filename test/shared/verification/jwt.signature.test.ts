import { constants, sign } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { rs256, signingInput } from '../../../local/fakes/token.ts';
import type { SigningKey } from '../../../local/fakes/token.ts';
import { usableKeys } from '../../../shared/verification/jwks.ts';
import type { VerificationKey } from '../../../shared/verification/jwks.ts';
import { isSignedWithAny, parseCompactJws } from '../../../shared/verification/jwt.ts';
import { signingKey } from '../../support/key-set.ts';

let key: SigningKey;
let publicKey: VerificationKey;
beforeAll(async () => {
  key = await signingKey('key');
  [publicKey] = (await usableKeys({ keys: [key.jwk] }, 'https://issuer.example')).get('key') as [
    VerificationKey,
  ];
});

const input = signingInput({ alg: 'RS256' }, { aud: 'me' });
const verifies = (signature: Uint8Array) =>
  isSignedWithAny(parseCompactJws(`${input}.${Buffer.from(signature).toString('base64url')}`), 'RS256', [
    publicKey,
  ]);

test('the key that signed verifies, and no other does', async () => {
  const jws = parseCompactJws(rs256({ alg: 'RS256' }, { aud: 'me' }, key));
  expect(await isSignedWithAny(jws, 'RS256', [publicKey])).toBe(true);
  const [other] =
    (await usableKeys({ keys: [(await signingKey('other')).jwk] }, 'https://issuer.example')).get('other') ??
    [];
  expect(other && (await isSignedWithAny(jws, 'RS256', [other]))).toBe(false);
});

test.each<[string, (text: Buffer) => Uint8Array]>([
  ['of another text', () => sign('sha256', Buffer.from('another'), key.privateKey)],
  ['with another hash', (text) => sign('sha512', text, key.privateKey)],
  ['with SHA-1', (text) => sign('sha1', text, key.privateKey)],
  [
    'with PSS',
    (text) => sign('sha256', text, { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
  ],
  ['cut short', (text) => sign('sha256', text, key.privateKey).subarray(0, 255)],
  ['with a byte too many', (text) => Buffer.concat([sign('sha256', text, key.privateKey), Buffer.of(0)])],
  ['behind a zero byte', (text) => Buffer.concat([Buffer.of(0), sign('sha256', text, key.privateKey)])],
  ['of zeros', () => Buffer.alloc(256)],
  ['of one byte', () => Buffer.of(1)],
  ['as large as the modulus', () => Buffer.from(key.jwk.n ?? '', 'base64url')],
])('a signature %s does not verify', async (_what, signature) => {
  expect(await verifies(sign('sha256', Buffer.from(input), key.privateKey))).toBe(true);
  expect(await verifies(signature(Buffer.from(input)))).toBe(false);
});
