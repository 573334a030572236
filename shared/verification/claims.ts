import { reject } from '../errors.ts';
import type { Reason } from '../reasons.ts';
import type { ClaimsSummary } from './check.ts';
import { isUnset } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

export type ClaimRules = TimeRules & {
  /** Allowed issuers, compared exactly. */
  readonly issuers: readonly string[];
  /** Allowed audiences. GUIDs are compared without regard to case, everything else exactly. */
  readonly audiences: readonly string[];
  /** Checks the sender's own claims. Returns what a stricter setting would reject. Throws a `Rejection`. */
  readonly others?: (claims: JsonObject) => readonly Reason[];
};

export type TimeRules = {
  /** Longest life of a token of this purpose, in seconds. Without it, `exp` alone limits the life. */
  readonly lifeSeconds?: number;
  /** For clocks that differ, in seconds. */
  readonly toleranceSeconds: number;
};

/** Issuers date a token back by this much, for receivers whose clocks are behind. */
const DATED_BACK_SECONDS = 300;

/**
 * Checks the claims before the signature, because they are cheap to check: a flood of forgeries then costs little.
 *
 * @param now seconds since the epoch
 * @returns when the token expires, in seconds since the epoch, and what a stricter setting would reject
 */
export function checkClaims(
  claims: JsonObject,
  rules: ClaimRules,
  now: number,
): { expires: number; reported: readonly Reason[] } {
  if (!rules.issuers.some((issuer) => claims['iss'] === issuer)) reject('token-issuer');
  if (!hasAudience(claims['aud'], rules.audiences)) reject('token-audience');
  const expires = checkTimes(claims, rules, now);
  tokenIdentifier(claims);
  return { expires, reported: rules.others?.(claims) ?? [] };
}

/** The `jti`, where the token has one. */
export function tokenIdentifier({ jti }: JsonObject): string | undefined {
  if (isUnset(jti)) return undefined;
  if (typeof jti !== 'string') reject('token-claim-invalid');
  return jti;
}

/**
 * Checks the times of a token that must expire.
 *
 * @param now seconds since the epoch
 * @returns when it expires, in seconds since the epoch
 */
export function checkTimes(
  claims: JsonObject,
  { lifeSeconds = Number.POSITIVE_INFINITY, toleranceSeconds }: TimeRules,
  now: number,
): number {
  const expiry = numericDate(claims['exp']) ?? reject('token-expiry-missing');
  const issued = issuedAt(claims);
  const notBefore = optionalDate(claims['nbf']);
  if (now >= expiry + toleranceSeconds) reject('token-expired');
  if (notBefore !== undefined && expiry <= notBefore) reject('token-never-valid');
  // A longer life means another purpose (a media token lives a day), or a sender whose clock is wrong.
  if (expiry - now > lifeSeconds + toleranceSeconds) reject('token-life-too-long');
  for (const start of [issued, notBefore]) {
    if (start !== undefined && expiry - start > lifeSeconds + DATED_BACK_SECONDS)
      reject('token-life-too-long');
  }
  if (notBefore !== undefined && notBefore > now + toleranceSeconds) reject('token-not-yet-valid');
  if (issued !== undefined && issued > now + toleranceSeconds) reject('token-issued-in-future');
  return expiry;
}

/** Seconds since the epoch. Must be finite: JSON can spell infinity (1e999). */
export function numericDate(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) reject('token-claim-invalid');
  return value;
}

/** The same of an optional claim. */
export const optionalDate = (value: unknown) => (isUnset(value) ? undefined : numericDate(value));

/** The `iat`, where the token has one. */
export const issuedAt = ({ iat }: JsonObject) => optionalDate(numberOfDigits(iat));

/** .NET writes `iat` as text where a program adds it as a claim without a type. */
export const numberOfDigits = (value: unknown) =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;

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
  const issued = finite(numberOfDigits(claims['iat']));
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
