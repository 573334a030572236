import { andThen } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { refreshingCache } from '../refreshing-cache.ts';
import type { RefreshPolicy } from '../refreshing-cache.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { reject } from './check.ts';
import type { KeysById, VerificationKey } from './jwks.ts';

/** The keys of one issuer, kept fresh. */
export type KeySet = {
  /**
   * The keys under `kid`, at least one; at once where they are known.
   *
   * Throws a `Rejection` where the issuer, freshly asked, has no such key, and an `Outage` where we cannot tell.
   */
  find(kid: string, signal: AbortSignal): Awaitable<readonly VerificationKey[]>;
  /** Fetches the keys ahead of the first request; never throws, since the first request will try again. */
  warm(): Promise<void>;
  /** Seconds since the last successful fetch. */
  age(): number | undefined;
  /** Whether keys are available, as far as this instance knows; asks nobody. */
  isAvailable(): boolean;
};

/** A key that the issuer withdraws is dropped with the next fetch: after ten minutes, or twenty where nobody asked. */
const FRESHNESS: RefreshPolicy = {
  refreshAfter: 10 * 60_000,
  awaitAfter: 20 * 60_000,
  longestRetryAfter: 5 * 60_000,
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
  const fresh = refreshingCache({
    fetch: fetchKeys,
    freshness: FRESHNESS,
    maxStaleSeconds,
    outage: 'keys-unavailable',
    clock,
    random,
    onFailure: (why, failures) => note('warn', 'keys-refresh-failed', { issuer: name, why, failures }),
  });
  /** A key id that we do not know may be a rotation that we have not seen. */
  async function findNewer(kid: string, mark: number, signal: AbortSignal) {
    const newer = await fresh.getNewerThan(mark, signal);
    return newer?.get(kid) ?? reject('token-key-unknown');
  }

  return {
    find(kid, signal) {
      const mark = fresh.mark();
      return andThen(fresh.get(signal), (keys) => keys.get(kid) ?? findNewer(kid, mark, signal));
    },
    warm: fresh.warm,
    age: fresh.age,
    isAvailable: fresh.isAvailable,
  };
}
