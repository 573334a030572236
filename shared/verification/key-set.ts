import type { Clock } from '../clock.ts';
import { refreshingCache } from '../refreshing-cache.ts';
import type { RefreshingCache, RefreshPolicy } from '../refreshing-cache.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { reject } from '../errors.ts';
import type { KeysById, VerificationKey } from './jwks.ts';

/** The keys of one issuer, kept fresh. */
export type KeySet = Pick<RefreshingCache<KeysById>, 'warm' | 'age' | 'isAvailable'> & {
  /**
   * The keys under `kid`, at least one; without waiting where they are known.
   *
   * Throws a `Rejection` where the issuer, asked again, has no such key, and an `Outage` where we cannot tell.
   */
  find(kid: string, signal: AbortSignal): Promise<readonly VerificationKey[]>;
};

/** A key that the issuer withdraws is dropped with the next fetch: after 10 minutes, or 20 if no request came. */
const POLICY: RefreshPolicy = {
  refreshAfterMs: 10 * 60_000,
  awaitAfterMs: 20 * 60_000,
  longestRetryAfterMs: 5 * 60_000,
  longestEmptyWaitMs: 2000,
};

/** @param maxStaleSeconds how long the last usable set serves while it cannot be refreshed */
export function keySet(options: {
  name: string;
  fetchKeys: () => Promise<KeysById>;
  maxStaleSeconds: number;
  clock: Clock;
  random: () => number;
  note: Note;
}): KeySet {
  const { name, fetchKeys, maxStaleSeconds, clock, random, note } = options;
  const cache = refreshingCache({
    fetch: fetchKeys,
    policy: POLICY,
    maxStaleSeconds,
    outage: 'keys-unavailable',
    unconfirmed: 'token-key-unconfirmed',
    clock,
    random,
    onFailure: (why, failures) => note('warn', 'keys-refresh-failed', { issuer: name, why, failures }),
  });

  return {
    async find(kid, signal) {
      // An unknown key id may be a rotation that this instance has not seen.
      const keys = await cache.lookUp((known) => known.has(kid), signal);
      return keys.get(kid) ?? reject('token-key-unknown');
    },
    warm: cache.warm,
    age: cache.age,
    isAvailable: cache.isAvailable,
  };
}
