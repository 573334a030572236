import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { header, signed } from './vector.ts';
import type { Vector } from './vector.ts';

const pem = (key: SigningKey) =>
  createPublicKey({ key: key.jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
const hmac = (secret: (key: SigningKey) => string | Uint8Array) => (input: Buffer, key: SigningKey) =>
  createHmac('sha256', secret(key)).update(input).digest();
const ONE_ALGORITHM = 'the algorithm is ours to say and not the token’s';

export const algorithms: readonly Vector[] = [
  ['RS256 (RFC 7515 A.2, RFC 7520 4.1)', 'accepted', 'it is what our senders sign with', () => {}],
  ['none (A.5)', 'token-algorithm', ONE_ALGORITHM, signed({ alg: 'none' }, () => Buffer.of(0))],
  [
    'none without a signature (A.5)',
    'token-malformed',
    'no segment is empty',
    (draft) => {
      draft.header['alg'] = 'none';
      draft.joined = ([first, second]) => `${first}.${second}.`;
    },
  ],
  [
    'HS256 under the public key in PEM',
    'token-algorithm',
    ONE_ALGORITHM,
    signed({ alg: 'HS256' }, hmac(pem)),
  ],
  [
    'HS256 under the modulus',
    'token-algorithm',
    ONE_ALGORITHM,
    signed(
      { alg: 'HS256' },
      hmac((key) => Buffer.from(key.jwk.n ?? '', 'base64url')),
    ),
  ],
  [
    'HS256 under nothing',
    'token-algorithm',
    ONE_ALGORITHM,
    signed(
      { alg: 'HS256' },
      hmac(() => ''),
    ),
  ],
  ['HS256 that says RS256', 'token-signature', 'a MAC is no signature', signed({}, hmac(pem))],
  ['PS256 (RFC 7520 4.2 is PS384)', 'token-algorithm', ONE_ALGORITHM, header({ alg: 'PS256' })],
  [
    'RS512, signed so',
    'token-algorithm',
    ONE_ALGORITHM,
    signed({ alg: 'RS512' }, (input, key) => sign('sha512', input, key.privateKey)),
  ],
  [
    'RS512 that says RS256',
    'token-signature',
    'the hash is SHA-256',
    signed({}, (input, key) => sign('sha512', input, key.privateKey)),
  ],
  [
    'ES256 of another key (A.3)',
    'token-algorithm',
    ONE_ALGORITHM,
    signed({ alg: 'ES256' }, (input) =>
      sign('sha256', input, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    ),
  ],
  ['ES256 of zeros', 'token-algorithm', ONE_ALGORITHM, signed({ alg: 'ES256' }, () => Buffer.alloc(64))],
  ['no algorithm', 'token-algorithm', ONE_ALGORITHM, header({ alg: undefined })],
  [
    'the algorithm in lower case',
    'token-algorithm',
    'names have case (RFC 7515, section 4.1.1)',
    header({ alg: 'rs256' }),
  ],
  ['the algorithm in a list', 'token-algorithm', ONE_ALGORITHM, header({ alg: ['RS256'] })],
];
