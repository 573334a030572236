import { constants, createHmac, sign } from 'node:crypto';
import type { SigningKey } from '../../../../../local/fakes/token.ts';
import { forgedRoot } from '../../vectors/forged-root.ts';
import { FORMS, sealed } from '../../vectors/padding.ts';
import type { Mutation } from '../draft.ts';

/** What stands where the signature belongs. */
export function signature(key: SigningKey, other: SigningKey): Readonly<Record<string, Mutation>> {
  const modulus = Buffer.from(key.jwk.n ?? '', 'base64url');
  const n = BigInt(`0x${modulus.toString('hex')}`);
  const right = (input: Uint8Array) => sign('sha256', input, key.privateKey);
  const numbered = (number: bigint, size: number) =>
    Buffer.from(
      number
        .toString(16)
        .padStart(size * 2, '0')
        .slice(-size * 2),
      'hex',
    );
  const asNumber = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const publicTexts = [
    modulus,
    Buffer.from(key.jwk.n ?? ''),
    Buffer.from(JSON.stringify(key.jwk)),
    Buffer.alloc(0),
  ];

  return {
    bit: (draft, draw) => {
      draft.sign = (input) => {
        const bytes = right(input);
        const at = draw.below(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << draw.below(8));
        return bytes;
      };
    },
    length: (draft, draw) => {
      draft.sign = (input) => {
        const bytes = right(input);
        const zeros = Buffer.alloc(1 + draw.below(3));
        return draw.one([
          bytes.subarray(1),
          bytes.subarray(0, -1),
          bytes.subarray(0, draw.below(bytes.length)),
          Buffer.concat([zeros, bytes]),
          Buffer.concat([bytes, zeros]),
          Buffer.concat([bytes, bytes]),
        ]);
      };
    },
    residue: (draft, draw) => {
      // Other numbers of the same or the opposite residue, and those that need no key.
      draft.sign = (input) => {
        const [size, s] = [modulus.length, asNumber(right(input))];
        const number = draw.one([s + n, n - s, n + 1n, n - 1n, n, 0n, 1n, 2n, s + 1n]);
        return numbered(number, number >= 1n << BigInt(size * 8) ? size + 1 : size);
      };
    },
    padding: (draft, draw) => {
      draft.sign = (input) => {
        const { block } = draw.one(FORMS);
        const content = block(input, modulus.length);
        // The private operation takes no block that is larger than the modulus.
        return asNumber(content) < n ? sealed(content, key.privateKey) : content;
      };
    },
    otherAlgorithm: (draft, draw) => {
      draft.sign = (input) =>
        draw.one([
          () => sign(draw.one(['sha1', 'sha384', 'sha512', 'md5']), input, key.privateKey),
          () =>
            sign('sha256', input, {
              key: key.privateKey,
              padding: constants.RSA_PKCS1_PSS_PADDING,
              saltLength: draw.one([0, 32]),
            }),
          () => createHmac('sha256', draw.one(publicTexts)).update(input).digest(),
          () => forgedRoot(input, modulus.length).signature,
        ])();
      if (draw.below(2) === 0) draft.header['alg'] = draw.one(['HS256', 'PS256', 'RS512', 'none']);
    },
    ofAnother: (draft, draw) => {
      draft.sign = (input) =>
        draw.one([
          () => sign('sha256', input, other.privateKey),
          () => right(Buffer.from('another text')),
          () => right(input.subarray(0, input.indexOf('.'))),
          () => right(Buffer.concat([input, Buffer.from('.')])),
          () => Buffer.alloc(0),
        ])();
    },
  };
}
