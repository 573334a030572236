import type { RejectionReason } from '../reasons.ts';
import { reject } from './check.ts';
import type { ClaimsSummary } from './check.ts';
import { lastOf } from './last-of.ts';
import type { JsonObject } from './strict-json.ts';

export type ClaimRules = {
  /** One of these must be the issuer, to the letter. */
  readonly issuers: readonly string[];
  /** One of these must be the audience. GUIDs are compared without regard to case, everything else exactly. */
  readonly audiences: readonly string[];
  /** How long a token of this purpose lives, in seconds; without it, as long as it says. */
  readonly lifeSeconds?: number;
  /** For clocks that differ, in seconds. */
  readonly toleranceSeconds: number;
  /** What else the sender's tokens claim; throws a `Rejection` where it does not hold. */
  readonly others?: (claims: JsonObject) => void;
};

/**
 * The claims that cost nothing to check, before the signature: a flood of rubbish then costs little.
 *
 * @param now seconds since the epoch
 * @returns when the token expires, in seconds since the epoch, and whether a `jti` makes it unlike any other
 */
export function checkClaims(
  claims: JsonObject,
  rules: ClaimRules,
  now: number,
): { expires: number; unique: boolean } {
  if (!rules.issuers.some((issuer) => claims['iss'] === issuer)) reject('token-issuer');
  if (!hasAudience(claims['aud'], rules.audiences)) reject('token-audience');
  const expires = checkTimes(claims, rules, now);
  const jti = claims['jti'];
  if (jti !== undefined && (typeof jti !== 'string' || jti === '')) reject('token-claim-invalid');
  rules.others?.(claims);
  return { expires, unique: jti !== undefined };
}

function checkTimes(
  claims: JsonObject,
  { lifeSeconds = Number.POSITIVE_INFINITY, toleranceSeconds }: ClaimRules,
  now: number,
): number {
  const expiry = numericDate(claims['exp']) ?? reject('token-expiry-missing');
  const issued = numericDate(claims['iat']);
  const notBefore = numericDate(claims['nbf']);
  if (now >= expiry + toleranceSeconds) reject('token-expired');
  // A token that lives longer than its kind does was made for another purpose (a media token lives a day) or by a
  // sender whose clock cannot be trusted.
  for (const start of [now, issued ?? now, notBefore ?? now]) {
    if (expiry - start > lifeSeconds + toleranceSeconds) reject('token-life-too-long');
  }
  checkStarted(notBefore, now + toleranceSeconds, 'token-not-yet-valid');
  checkStarted(issued, now + toleranceSeconds, 'token-issued-in-future');
  return expiry;
}

function checkStarted(start: number | undefined, latest: number, reason: RejectionReason): void {
  if (start !== undefined && start > latest) reject(reason);
}

/** Seconds since the epoch. JSON can spell infinity (1e999), so a number alone is not enough. */
export function numericDate(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) reject('token-claim-invalid');
  return value;
}

function hasAudience(claim: unknown, audiences: readonly string[]): boolean {
  const claimed: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (!claimed.every((value) => typeof value === 'string')) return false;
  return claimed.some((value) => audiences.some((audience) => sameAudience(value, audience)));
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function sameAudience(one: string, other: string): boolean {
  return one === other || (GUID.test(one) && one.toLowerCase() === other.toLowerCase());
}

/** Nothing but names that a log can hold as they are, and not so many that one token fills it. */
const NAME = /^[\w.:-]{1,64}$/;
const MOST_NAMES = 32;

/**
 * What a proved token was made of: nobody has published one, so what genuine ones carry is seen in a running app alone.
 * Only names and times go on, never what a claim says.
 *
 * @param now seconds since the epoch
 */
export function summarizeClaims(claims: JsonObject, now: number): ClaimsSummary {
  const expires = dateOf(claims['exp']);
  const issued = dateOf(claims['iat']);
  const notBefore = dateOf(claims['nbf']);
  const starts = Math.min(issued ?? Number.POSITIVE_INFINITY, notBefore ?? Number.POSITIVE_INFINITY);
  return {
    names: namesAmong(JSON.stringify(Object.keys(claims))),
    ...(expires !== undefined && Number.isFinite(starts) && { lifeSeconds: expires - starts }),
    ...(issued !== undefined && { ageSeconds: now - issued }),
    ...(expires !== undefined && { expiresInSeconds: expires - now }),
  };
}

/** An issuer's tokens have the same names, one as the other. */
const namesAmong = lastOf((list) => {
  const names = (JSON.parse(list) as string[]).filter((name) => NAME.test(name));
  return Object.freeze(names.sort().slice(0, MOST_NAMES));
});

const dateOf = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
