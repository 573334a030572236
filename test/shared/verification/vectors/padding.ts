import { constants, createHash, privateEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

// Signatures block by block (RFC 8017, section 9.2), so that each byte of the padding can be another one.

const bytes = (hex: string) => Buffer.from(hex, 'hex');
export const sha256 = (input: Uint8Array) => createHash('sha256').update(input).digest();

/** SHA-256's DigestInfo up to the hash: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING of 32 }. */
export const DIGEST_INFO = bytes('3031300d060960864801650304020105000420');

/** 00, the type of block, padding of 0xff, 00, and what is signed, in as many bytes as the modulus has. */
export function block(content: Uint8Array, size: number, type = 1, fill: number | Uint8Array = 0xff): Buffer {
  const padding = Buffer.alloc(size - content.length - 3, fill);
  return Buffer.concat([Buffer.of(0, type), padding, Buffer.of(0), content]);
}

export type Form = {
  readonly name: string;
  /** Why a verifier has to refuse it; nothing where it is the one right form. */
  readonly why?: string;
  readonly block: (input: Uint8Array, size: number) => Buffer;
};

/** What stands in the block in the place of the DigestInfo and the hash. */
const content =
  (of: (hash: Buffer, input: Uint8Array) => Uint8Array) =>
  (input: Uint8Array, size: number): Buffer =>
    block(of(sha256(input), input), size);
/** The right block, changed. */
const changed =
  (how: (block: Buffer) => void) =>
  (input: Uint8Array, size: number): Buffer => {
    const right = block(Buffer.concat([DIGEST_INFO, sha256(input)]), size);
    how(right);
    return right;
  };
const info = (hex: string) => content((hash) => Buffer.concat([bytes(hex), hash]));

const PADDING =
  'a verifier that skips over padding lets a forger choose bytes, which is what a forged root needs';
const DER = 'DER has one form; one that is parsed loosely has room for chosen bytes';
const HASH = 'the hash is SHA-256 and the block says so';

export const FORMS: readonly Form[] = [
  { name: 'the right one', block: changed(() => {}) },
  { name: 'block type 0', why: PADDING, block: changed((block) => (block[1] = 0)) },
  { name: 'block type 2, of encryption', why: PADDING, block: changed((block) => (block[1] = 2)) },
  { name: 'a first byte of 1', why: PADDING, block: changed((block) => (block[0] = 1)) },
  {
    name: 'a first byte of padding that is no ff',
    why: PADDING,
    block: changed((block) => (block[2] = 0xfe)),
  },
  {
    name: 'a last byte of padding that is no ff',
    why: PADDING,
    block: changed((b) => (b[b.length - 53] = 0xfe)),
  },
  { name: 'a zero in the middle of the padding', why: PADDING, block: changed((block) => (block[100] = 0)) },
  { name: 'padding of zeros', why: PADDING, block: changed((block) => block.fill(0, 2, block.length - 52)) },
  {
    name: 'no zero behind the padding',
    why: PADDING,
    block: changed((block) => (block[block.length - 52] = 0xff)),
  },
  {
    name: 'eight bytes of padding, and chosen bytes behind the hash',
    why: PADDING,
    block: (input, size) => {
      const short = block(Buffer.concat([DIGEST_INFO, sha256(input)]), 62);
      return Buffer.concat([short, Buffer.alloc(size - short.length, 0x41)]);
    },
  },
  {
    name: 'chosen bytes between the padding and the DigestInfo',
    why: PADDING,
    block: content((hash) => Buffer.concat([Buffer.alloc(40, 0x41), DIGEST_INFO, hash])),
  },
  { name: 'no DigestInfo', why: HASH, block: content((hash) => hash) },
  { name: 'no NULL', why: DER, block: info('302f300b0609608648016503040201 0420'.replace(' ', '')) },
  {
    name: 'NULL with a length of two octets',
    why: DER,
    block: info('3032300e06096086480165030402010581000420'),
  },
  {
    name: 'chosen bytes in the place of NULL',
    why: DER,
    block: info(`3047302306096086480165030402010416${'41'.repeat(22)}0420`),
  },
  { name: 'a length in the long form', why: DER, block: info('308131300d060960864801650304020105000420') },
  {
    name: 'a length of the hash in the long form',
    why: DER,
    block: info('3032300d06096086480165030402010500048120'),
  },
  { name: 'an indefinite length', why: DER, block: info('3080300d060960864801650304020105000420') },
  {
    name: 'bytes behind the hash, within the sequence',
    why: DER,
    block: content((hash) =>
      Buffer.concat([bytes('3034300d060960864801650304020105000420'), hash, Buffer.from('AAA')]),
    ),
  },
  {
    name: 'a byte behind the hash',
    why: DER,
    block: content((hash) => Buffer.concat([DIGEST_INFO, hash, Buffer.of(0)])),
  },
  {
    name: 'a hash that is a byte short',
    why: HASH,
    block: content((hash) => Buffer.concat([DIGEST_INFO, hash.subarray(1)])),
  },
  { name: 'the name of SHA-384', why: HASH, block: info('3031300d060960864801650304020205000420') },
  { name: 'the name of SHA-512', why: HASH, block: info('3031300d060960864801650304020305000420') },
  {
    name: 'SHA-1, named so',
    why: HASH,
    block: content((_hash, input) =>
      Buffer.concat([bytes('3021300906052b0e03021a05000414'), createHash('sha1').update(input).digest()]),
    ),
  },
  {
    name: 'MD5, named so',
    why: HASH,
    block: content((_hash, input) =>
      Buffer.concat([
        bytes('3020300c06082a864886f70d020505000410'),
        createHash('md5').update(input).digest(),
      ]),
    ),
  },
  {
    name: 'the hash of the hash',
    why: HASH,
    block: content((hash) => Buffer.concat([DIGEST_INFO, sha256(hash)])),
  },
];

/** The private operation alone. */
export const sealed = (block: Uint8Array, key: KeyObject): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
