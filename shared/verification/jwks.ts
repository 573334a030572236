import type { CryptoKey } from 'jose';
import { importJWK } from 'jose/key/import';
import { isObject, isUnset } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

/** An RSA public key for RS256 and nothing else. */
export type VerificationKey = CryptoKey;

/** Keys by `kid`. Where an issuer gives one `kid` to two keys, both are candidates. */
export type KeysById = ReadonlyMap<string, readonly VerificationKey[]>;

/** An issuer lists a few dozen keys at most, even during a rotation. */
const MAX_KEYS = 100;
/** RFC 8725, section 3.5: keys of sufficient strength. Bits of the modulus. */
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
/** Issuers use 65537. An exponent as long as the modulus would make a verification a hundred times slower. */
const MAX_EXPONENT_BITS = 32;

/**
 * The usable RS256 keys of a JWK set (RFC 7517). A key that is not usable is skipped, so that the others still serve.
 *
 * `jose` imports each key after our own checks. On its own it accepts an exponent of 1 or 2, RSA-1024 and `use: enc`,
 * and its key sets throw where two keys share one `kid`.
 *
 * @param issuer whose tokens the keys are for
 * @throws Error where the document is not a JWK set or has no usable key
 */
export async function usableKeys(document: unknown, issuer: string): Promise<KeysById> {
  const listed = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(listed)) throw new Error('is not a JWK set');
  const keys = new Map<string, VerificationKey[]>();
  for (const jwk of listed.slice(0, MAX_KEYS)) {
    const usable = isObject(jwk) && isOf(issuer, jwk) ? await usableKey(jwk) : undefined;
    if (usable) keys.set(usable.kid, [...(keys.get(usable.kid) ?? []), usable.key]);
  }
  if (keys.size === 0) throw new Error('holds no usable RSA signature key');
  return keys;
}

const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * RFC 8725, section 3.8: a key must belong to the issuer. Entra names the issuer of each key, with `{tenantid}` where all
 * tenants share it. It also lists keys of one tenant alone, such as that of personal accounts.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer
 */
function isOf(issuer: string, { issuer: stated }: JsonObject): boolean {
  const [tenant] = GUID.exec(typeof stated === 'string' ? stated.toLowerCase() : '') ?? [];
  return tenant === undefined || issuer.toLowerCase().includes(tenant);
}

async function usableKey(jwk: JsonObject): Promise<{ kid: string; key: VerificationKey } | undefined> {
  if (!isForRs256(jwk)) return undefined;
  const { kid, n, e } = jwk;
  if (typeof kid !== 'string' || kid === '' || typeof n !== 'string' || typeof e !== 'string')
    return undefined;
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
  if (!isStrong(modulus, exponent)) return undefined;
  // Only the checked values are imported: a private key that was listed by mistake becomes a public one.
  const parts = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') } as const;
  try {
    return { kid, key: await importJWK(parts, 'RS256') };
  } catch {
    return undefined;
  }
}

/** .NET's `JsonWebKey` writes `"key_ops":[]` into every key, and null for what is not set. */
function isForRs256({ kty, use, alg, key_ops: operations }: JsonObject): boolean {
  return (
    kty === 'RSA' &&
    (isUnset(use) || use === 'sig') &&
    (isUnset(alg) || alg === 'RS256') &&
    (isUnset(operations) || permitsVerifying(operations))
  );
}

const permitsVerifying = (operations: unknown) =>
  Array.isArray(operations) && (operations.length === 0 || operations.includes('verify'));

function isStrong(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const bits = bitLength(modulus);
  const exponentBits = bitLength(exponent);
  // With e = 1 every message is its own signature; an even e is not an RSA exponent.
  const isExponent =
    exponentBits >= 2 && exponentBits <= MAX_EXPONENT_BITS && (exponent.at(-1) ?? 0) % 2 === 1;
  return isExponent && bits >= MIN_MODULUS_BITS && bits <= MAX_MODULUS_BITS;
}

function bitLength(bigEndian: Uint8Array): number {
  const first = bigEndian.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (bigEndian.length - first) * 8 - Math.clz32(bigEndian[first] ?? 0) + 24;
}
