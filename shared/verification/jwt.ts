import { hash, verify } from 'node:crypto';
import { andThen } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { reject } from './check.ts';
import type { Proof, ReceivedRequest } from './check.ts';
import { checkClaims, summarizeClaims } from './claims.ts';
import type { ClaimRules } from './claims.ts';
import type { VerificationKey } from './jwks.ts';
import type { KeySet } from './key-set.ts';
import { lastOf } from './last-of.ts';
import { strictJsonObject } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

/** Longest token looked at, in characters. */
const MAX_TOKEN_LENGTH = 8192;

/**
 * The text of the one bearer token of a request.
 *
 * A repeated header arrives joined by a comma, which is no character of a token, so it is refused here.
 *
 * @param headerNames tried in turn: a later one counts only where every earlier one is absent
 */
export function bearerToken(headers: ReceivedRequest['headers'], headerNames: readonly string[]): string {
  const header = firstOf(headers, headerNames) ?? reject('token-missing');
  const space = header.indexOf(' ');
  const token = header.slice(space + 1);
  if (header.slice(0, Math.max(space, 0)).toLowerCase() !== 'bearer') reject('token-not-bearer');
  if (token === '' || token.includes(' ')) reject('token-not-bearer');
  if (token.length > MAX_TOKEN_LENGTH) reject('token-too-long');
  if (token.includes(',')) reject('token-not-bearer');
  return token;
}

function firstOf(headers: ReceivedRequest['headers'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) return value;
  }
  return null;
}

/** A JWS in compact form (RFC 7515, section 7.1), taken apart but not proved. */
export type CompactJws = {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
  /** What was signed: the first two segments as they came, with the dot between them. ASCII. */
  readonly signed: string;
};

/**
 * Takes a compact JWS apart and refuses every spelling but one: three segments of canonical base64url, none empty,
 * header and claims JSON objects in UTF-8 without duplicate members.
 *
 * Parsers that also take padding, white space or unused bits give one token many spellings, and a check for reuse that
 * is keyed on the text is then no check.
 */
export function parseCompactJws(text: string): CompactJws {
  const first = text.indexOf('.');
  const last = text.lastIndexOf('.');
  if (first === last) reject('token-malformed');
  // A dot more than two is in what is taken for the claims here, and is no character of base64url.
  const header = headerOf(text.slice(0, first));
  const claims = canonicalBase64url(text.slice(first + 1, last));
  const signature = canonicalBase64url(text.slice(last + 1));
  return {
    header,
    claims: strictJsonObject(claims),
    signature,
    signed: text.slice(0, last),
  };
}

const headerOf = lastOf((segment) => Object.freeze(strictJsonObject(canonicalBase64url(segment))));

function canonicalBase64url(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  // Encoding again finds padding, white space, the other alphabet and unused bits alike.
  if (segment === '' || bytes.toString('base64url') !== segment) reject('token-malformed');
  return bytes;
}

/** Longest `kid` looked up, in characters. */
const MAX_KID_LENGTH = 256;

/**
 * Header members that change how a token is read, or bring a key along. None of our senders uses them; a verifier that
 * honours one of the last four verifies a forger's token with the forger's key.
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'jwk', 'jku', 'x5u', 'x5c'];

/** Pins the algorithm before any key or secret is looked for. */
export function checkHeader(header: JsonObject, algorithm: 'RS256' | 'HS256'): void {
  if (header['alg'] !== algorithm) reject('token-algorithm');
  if (REFUSED_MEMBERS.some((member) => Object.hasOwn(header, member))) reject('token-header-refused');
}

/** The key id, where the algorithm needs one. */
export function keyIdOf(header: JsonObject): string {
  const kid = header['kid'];
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH) reject('token-key-id');
  return kid;
}

/**
 * Whether `key` made the RSASSA-PKCS1-v1_5 SHA-256 signature of `jws`. The one place where RSA is computed. The hash stands
 * here, and the padding is what Node takes for a key of the type `rsa`, which is all that jwks.ts lets in: neither a token
 * nor a key has a say in them. To name the padding would have Node take the key apart anew for each token, which costs
 * nearly as much again as the signature.
 *
 * Not through WebCrypto, whose way through a pool of threads costs more of a core than the computation itself;
 * docs/performance.md has the figures, on one core and on two.
 */
export function verifyRs256({ signed, signature }: CompactJws, key: VerificationKey): boolean {
  return verify('sha256', Buffer.from(signed, 'latin1'), key, signature);
}

/**
 * Proves one RS256 token of an issuer with a published key set: form, header, claims, key, signature, in the order of
 * what they cost. The sender cannot tell which of them failed.
 */
export function verifyRs256Token(
  text: string,
  rules: ClaimRules,
  keys: KeySet,
  clock: Clock,
  signal: AbortSignal,
): Awaitable<Proof> {
  const jws = parseCompactJws(text);
  checkHeader(jws.header, 'RS256');
  const kid = keyIdOf(jws.header);
  const { expires, unique } = checkClaims(jws.claims, rules, clock.now());
  return andThen(keys.find(kid, signal), (candidates) => {
    if (!candidates.some((key) => verifyRs256(jws, key))) reject('token-signature');
    const token = { id: idOf(jws.signature), unique, expires };
    const claims = summarizeClaims(jws.claims, clock.now());
    return { sender: String(jws.claims['iss']), token, claims, keyAge: keys.age() ?? 0 };
  });
}

function idOf(signature: Uint8Array): string {
  return hash('sha256', signature, 'base64url');
}
