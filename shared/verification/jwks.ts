import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { JsonObject } from './strict-json.ts';

/** An RSA public key. */
export type VerificationKey = KeyObject;

/** Keys by `kid`. An issuer that gives one `kid` to two keys gets both tried. */
export type KeysById = ReadonlyMap<string, readonly VerificationKey[]>;

/** An issuer may list a few dozen keys while it rotates; more is not a key set that we know. */
const MAX_KEYS = 100;
/** RFC 8725, section 3.5: keys of sufficient strength. Bits of the modulus. */
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
/** Issuers use 65537; one as long as the modulus would make each verification a hundred times as dear. */
const MAX_EXPONENT_BITS = 32;

/**
 * The usable RS256 keys of a JWK set (RFC 7517). A key that cannot be used is skipped, so that one bad element does
 * not cost the others.
 *
 * @throws Error where the document is no JWK set or holds no usable key
 */
export function usableKeys(document: unknown): KeysById {
  const listed = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(listed)) throw new Error('is not a JWK set');
  const keys = new Map<string, VerificationKey[]>();
  for (const jwk of listed.slice(0, MAX_KEYS)) {
    const key = usableKey(jwk);
    if (key) keys.set(key.kid, [...(keys.get(key.kid) ?? []), key.key]);
  }
  if (keys.size === 0) throw new Error('holds no usable RSA signature key');
  return keys;
}

function usableKey(jwk: unknown): { kid: string; key: VerificationKey } | undefined {
  if (!isObject(jwk) || !isForRs256(jwk)) return undefined;
  const { kid, n, e } = jwk;
  if (typeof kid !== 'string' || kid === '' || typeof n !== 'string' || typeof e !== 'string')
    return undefined;
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
  if (!isStrong(modulus, exponent)) return undefined;
  try {
    // Only what makes a public key goes on, and only as it was looked at: whatever else stands in the JWK has no say.
    const parts = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
    const key = createPublicKey({ key: parts, format: 'jwk' });
    // The type decides on the padding: signature.ts.
    return key.asymmetricKeyType === 'rsa' ? { kid, key } : undefined;
  } catch {
    return undefined;
  }
}

function isForRs256(jwk: JsonObject): boolean {
  const { kty, use, alg, key_ops: operations } = jwk;
  return (
    kty === 'RSA' &&
    (use === undefined || use === 'sig') &&
    (alg === undefined || alg === 'RS256') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
  );
}

function isStrong(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const bits = bitLength(modulus);
  const exponentBits = bitLength(exponent);
  // With e = 1 every message is its own signature; an even e is no RSA exponent.
  const isExponent =
    exponentBits >= 2 && exponentBits <= MAX_EXPONENT_BITS && (exponent.at(-1) ?? 0) % 2 === 1;
  return isExponent && bits >= MIN_MODULUS_BITS && bits <= MAX_MODULUS_BITS;
}

function bitLength(bigEndian: Uint8Array): number {
  const first = bigEndian.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (bigEndian.length - first) * 8 - Math.clz32(bigEndian[first] ?? 0) + 24;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
