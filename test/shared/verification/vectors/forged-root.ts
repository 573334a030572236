import { DIGEST_INFO, block, sha256 } from './padding.ts';

/** The greatest whole number whose cube is no greater. */
function cubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1)];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle ** 3n <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}

/**
 * A signature without any private key, for a public exponent of 3: the cube root of a block of eight bytes of padding, the
 * hash, and whatever comes behind it (Bleichenbacher, 2006). It verifies wherever the end of the block is not looked at.
 */
export function forgedRoot(input: Uint8Array, size: number): { signature: Buffer; prefix: Buffer } {
  const prefix = block(Buffer.concat([DIGEST_INFO, sha256(input)]), 62);
  const highest = BigInt(
    `0x${Buffer.concat([prefix, Buffer.alloc(size - prefix.length, 0xff)]).toString('hex')}`,
  );
  const signature = Buffer.from(
    cubeRoot(highest)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  );
  return { signature, prefix };
}
