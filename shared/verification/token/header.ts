import { reject } from '../verdict.ts';
import type { JsonObject } from './strict-json.ts';

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
