import type { ClaimsSeen } from '../verdict.ts';
import type { JsonObject } from './strict-json.ts';

/** Nothing but names that a log can hold as they are, and not so many that one token fills it. */
const NAME = /^[\w.:-]{1,64}$/;
const MOST_NAMES = 32;

/**
 * What a proved token was made of: nobody has published one, so what genuine ones carry is seen in a running app alone.
 * Only names and times go on, never what a claim says.
 *
 * @param now seconds since the epoch
 */
export function claimsSeen(claims: JsonObject, now: number): ClaimsSeen {
  const names = Object.keys(claims).filter((name) => NAME.test(name));
  const expires = dateOf(claims['exp']);
  const issued = dateOf(claims['iat']);
  const notBefore = dateOf(claims['nbf']);
  const starts = Math.min(issued ?? Number.POSITIVE_INFINITY, notBefore ?? Number.POSITIVE_INFINITY);
  return {
    names: names.sort().slice(0, MOST_NAMES),
    ...(expires !== undefined && Number.isFinite(starts) && { lifeSeconds: expires - starts }),
    ...(issued !== undefined && { ageSeconds: now - issued }),
    ...(expires !== undefined && { expiresInSeconds: expires - now }),
  };
}

const dateOf = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
