import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { CryptoKey } from 'jose';
import { compactVerify } from 'jose/jws/compact/verify';
import type { Clock } from '../clock.ts';
import { reject } from '../errors.ts';
import type { Proof, ReceivedRequest } from './check.ts';
import { checkClaims, summarizeClaims } from './claims.ts';
import type { ClaimRules } from './claims.ts';
import type { KeySet } from './key-set.ts';
import { strictJsonObject } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

/** Longest token accepted, in characters. */
const MAX_TOKEN_LENGTH = 8192;

/**
 * The text of the one bearer token of a request.
 *
 * A repeated header arrives joined by a comma. No token has a comma, so a repeated header is rejected.
 *
 * @param headerNames in order: a later one counts only where every earlier one is absent
 * @param options.isSchemeOptional for a sender that writes the token alone
 */
export function bearerToken(
  headers: ReceivedRequest['headers'],
  headerNames: readonly string[],
  { isSchemeOptional = false } = {},
): string {
  const present = headerNames.find((name) => headers.get(name) !== null) ?? reject('token-missing');
  const header = headers.get(present) ?? '';
  // RFC 6750, section 2.1: one space or several.
  const [, scheme, token = reject('token-not-bearer')] = /^(bearer +)?([^ ]+)$/i.exec(header) ?? [];
  if (!scheme && !isSchemeOptional) reject('token-not-bearer');
  if (token.length > MAX_TOKEN_LENGTH) reject('token-too-long');
  if (token.includes(',')) reject('token-not-bearer');
  return token;
}

/**
 * Verifies an RS256 token of an issuer that publishes its keys: form, header, claims, key, signature. The cheapest
 * steps come first, so that a flood of forgeries costs little.
 *
 * @param text of the token, from `bearerToken`
 */
export async function verifyRs256Token(
  text: string,
  rules: ClaimRules,
  keys: KeySet,
  clock: Clock,
  signal: AbortSignal,
): Promise<Proof> {
  const jws = parseCompactJws(text);
  checkHeader(jws.header, 'RS256');
  const kid = keyIdOf(jws.header);
  const { expires, reported } = checkClaims(jws.claims, rules, clock.now());
  if (!(await isSignedWithAny(jws, 'RS256', await keys.find(kid, signal)))) reject('token-signature');
  return {
    sender: String(jws.claims['iss']),
    token: { id: signatureHash(jws), expires },
    claims: summarizeClaims(jws.claims, clock.now()),
    keyAge: keys.age() ?? 0,
    reported,
  };
}

/** A JWS in compact form (RFC 7515, section 7.1), parsed but not verified. */
export type CompactJws = {
  readonly text: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
};

/**
 * Parses a compact JWS and accepts one spelling only: three segments of canonical base64url, none empty, with header
 * and claims as JSON objects in UTF-8 without duplicate members.
 *
 * `jose` also accepts padding, white space and unused bits, which give one token many spellings. A replay check needs
 * one.
 */
export function parseCompactJws(text: string): CompactJws {
  const segments = text.split('.', 4);
  if (segments.length !== 3) reject('token-malformed');
  const [header, claims, signature] = segments.map(canonicalBase64url) as [Buffer, Buffer, Buffer];
  return { text, header: strictJsonObject(header), claims: strictJsonObject(claims), signature };
}

function canonicalBase64url(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  // Encoding again finds padding, white space, the other alphabet and unused bits alike.
  if (segment === '' || bytes.toString('base64url') !== segment) reject('token-malformed');
  return bytes;
}

/**
 * Header members that change how a token is read, or bring a key along. No sender uses them. A verifier that honours
 * one of the last four verifies a forged token with the forger's key; `jose` accepts `crit` with `b64`.
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'jwk', 'jku', 'x5u', 'x5c'];

/** Each sender has one algorithm. The header must name it, and chooses nothing. */
export type Algorithm = 'RS256' | 'HS256';

export function checkHeader(header: JsonObject, algorithm: Algorithm): void {
  if (header['alg'] !== algorithm) reject('token-algorithm');
  if (REFUSED_MEMBERS.some((member) => Object.hasOwn(header, member))) reject('token-header-refused');
}

/** Longest `kid` accepted, in characters. */
const MAX_KID_LENGTH = 256;

/** The key id, which every RS256 token must have. */
export function keyIdOf(header: JsonObject): string {
  const kid = header['kid'];
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH) reject('token-key-id');
  return kid;
}

/** Whether one of the keys signed a token. The only place where a token's signature is verified. */
export async function isSignedWithAny(
  { text }: CompactJws,
  algorithm: Algorithm,
  keys: readonly CryptoKey[],
): Promise<boolean> {
  for (const key of keys) {
    try {
      await compactVerify(text, key, { algorithms: [algorithm] });
      return true;
    } catch {
      // Every error of `jose` means that this key did not sign the token.
    }
  }
  return false;
}

const importedSecrets = new WeakMap<KeyObject, CryptoKey>();

/** The key of a shared secret. Kept, since `jose` imports a `KeyObject` or raw bytes again for every token. */
export function hs256Key(secret: KeyObject): CryptoKey {
  const key =
    importedSecrets.get(secret) ??
    // The tests of the inspector's page load the DOM's types, whose keys have fewer usages.
    (secret.toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['verify']) as CryptoKey);
  importedSecrets.set(secret, key);
  return key;
}

/** SHA-256 of the decoded signature, in base64url: the identity of a token, however it is spelled. */
export function signatureHash({ signature }: CompactJws): string {
  return hash('sha256', signature, 'base64url');
}
