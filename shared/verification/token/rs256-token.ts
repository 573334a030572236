import { hash } from 'node:crypto';
import { andThen } from '../../awaitable.ts';
import type { Awaitable } from '../../awaitable.ts';
import type { Clock } from '../../clock.ts';
import type { KeySet } from '../keys/key-set.ts';
import { reject } from '../verdict.ts';
import type { Proof } from '../verdict.ts';
import { claimsSeen } from './claims-seen.ts';
import { checkClaims } from './claims.ts';
import type { ClaimRules } from './claims.ts';
import { parseCompactJws } from './compact-jws.ts';
import { checkHeader, keyIdOf } from './header.ts';
import { verifyRs256 } from './signature.ts';

/**
 * Proves one RS256 token of an issuer with a published key set: form, header, claims, key, signature, in the order of
 * what they cost. The sender cannot tell which of them failed.
 */
export function proveRs256Token(
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
    const claims = claimsSeen(jws.claims, clock.now());
    return { sender: String(jws.claims['iss']), token, claims, keyAge: keys.age() ?? 0 };
  });
}

function idOf(signature: Uint8Array): string {
  return hash('sha256', signature, 'base64url');
}
