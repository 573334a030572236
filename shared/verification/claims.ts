import { reject } from '../errors.ts';
import type { RejectionReason } from '../reasons.ts';
import type { ClaimsSummary } from './check.ts';
import type { JsonObject } from './strict-json.ts';

export type ClaimRules = {
  /** Allowed issuers, compared exactly. */
  readonly issuers: readonly string[];
  /** Allowed audiences. GUIDs are compared without regard to case, everything else exactly. */
  readonly audiences: readonly string[];
  /** Longest life of a token of this purpose, in seconds. Without it, `exp` alone limits the life. */
  readonly lifeSeconds?: number;
  /** For clocks that differ, in seconds. */
  readonly toleranceSeconds: number;
  /** Checks the sender's own claims. Throws a `Rejection`. */
  readonly others?: (claims: JsonObject) => void;
};

/**
 * Checks the claims before the signature, because they are cheap to check: a flood of forgeries then costs little.
 *
 * @param now seconds since the epoch
 * @returns when the token expires, in seconds since the epoch, and whether a `jti` makes it unique
 */
export function checkClaims(
  claims: JsonObject,
  rules: ClaimRules,
  now: number,
): { expires: number; unique: boolean } {
  if (!rules.issuers.some((issuer) => claims['iss'] === issuer)) reject('token-issuer');
  if (!hasAudience(claims['aud'], rules.audiences)) reject('token-audience');
  const expires = checkTimes(claims, rules, now);
  const jti = tokenIdentifier(claims);
  rules.others?.(claims);
  return { expires, unique: jti !== undefined };
}

/** The `jti`, where the token has one. */
export function tokenIdentifier({ jti }: JsonObject): string | undefined {
  if (jti === undefined) return undefined;
  if (typeof jti !== 'string' || jti === '') reject('token-claim-invalid');
  return jti;
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
  // A longer life means another purpose (a media token lives a day), or a sender whose clock is wrong.
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

/** Seconds since the epoch. Must be finite: JSON can spell infinity (1e999). */
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

/** Names that a log can hold unchanged, and only so many that one token cannot fill it. */
const LOGGED_NAME = /^[\w.:-]{1,64}$/;
const MAX_LOGGED_NAMES = 32;

/**
 * Claim names and times of a verified token, for the log: no genuine Call Automation token is documented. Holds no
 * value of a claim except the times.
 *
 * @param now seconds since the epoch
 */
export function summarizeClaims(claims: JsonObject, now: number): ClaimsSummary {
  const expires = finite(claims['exp']);
  const issued = finite(claims['iat']);
  const notBefore = finite(claims['nbf']);
  const starts = Math.min(issued ?? Number.POSITIVE_INFINITY, notBefore ?? Number.POSITIVE_INFINITY);
  const names = Object.keys(claims).filter((name) => LOGGED_NAME.test(name));
  return {
    names: names.sort().slice(0, MAX_LOGGED_NAMES),
    ...(expires !== undefined && Number.isFinite(starts) && { lifeSeconds: expires - starts }),
    ...(issued !== undefined && { ageSeconds: now - issued }),
    ...(expires !== undefined && { expiresInSeconds: expires - now }),
  };
}

const finite = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
