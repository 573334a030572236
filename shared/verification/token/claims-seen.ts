import { lastOf } from '../last-of.ts';
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
