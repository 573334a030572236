import { orOutage } from './async.ts';
import type { Awaitable } from './awaitable.ts';
import type { Clock } from './clock.ts';
import { Outage } from './errors.ts';
import type { OutageReason } from './reasons.ts';

/** Milliseconds before the second attempt; doubled with every failure, up to the longest. */
const SHORTEST = 10_000;
const LONGEST = 60_000;

/** Tells when something that failed may be tried again. */
export type BackOff = {
  succeeded(): void;
  failed(retryAfterSeconds?: number): void;
  /** Failures since the last success. */
  failures(): number;
  allowed(): boolean;
};

/**
 * Exponential back-off with jitter upward, so that instances which failed together do not come back together and none
 * comes sooner than its turn.
 *
 * @param random in [0, 1)
 * @param longestAskedFor a server may ask for more time than its turn, but for no more than this, in milliseconds
 */
export function backOff(clock: Clock, random: () => number, longestAskedFor: number): BackOff {
  let failures = 0;
  let retryAt = Number.NEGATIVE_INFINITY;
  return {
    succeeded() {
      failures = 0;
      retryAt = Number.NEGATIVE_INFINITY;
    },
    failed(retryAfterSeconds = 0) {
      const wait = Math.min(LONGEST, SHORTEST * 2 ** failures) * (1 + random() / 2);
      failures++;
      retryAt = clock.ticks() + Math.max(wait, Math.min(longestAskedFor, retryAfterSeconds * 1000));
    },
    failures: () => failures,
    allowed: () => clock.ticks() >= retryAt,
  };
}

/**
 * Thrown by a fetch that failed. The message completes a sentence for the operator and holds nothing secret;
 * `retryAfterSeconds` is what the server asked for, if it did; `conclusive` says that it did answer, and the answer is no.
 */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  readonly retryAfterSeconds: number | undefined;
  readonly conclusive: boolean;
  constructor(message: string, retryAfterSeconds?: number, conclusive = false) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
    this.conclusive = conclusive;
  }
}

/** A value that lives elsewhere, kept fresh here: an issuer's keys, the versions of a secret. */
export type RefreshingCache<Value> = {
  /** The value, at once where it is fresh; throws an `Outage` where there is none, or none that is young enough. */
  get(signal: AbortSignal): Awaitable<Value>;
  /** To be taken before `get`, for `getNewerThan`. */
  mark(): number;
  /**
   * The value after a refresh that began after the mark was taken, or `undefined` where there is no place to wait for
   * it: too many wait already, or the signal aborts first. Throws an `Outage` where that refresh failed, or
   * one did shortly before and it is not time for the next.
   */
  getNewerThan(mark: number, signal: AbortSignal): Promise<Value | undefined>;
  /** Fetches ahead of the next use, where the back-off allows it; never throws, since that use will try again. */
  warm(): Promise<void>;
  /** Seconds since the last successful fetch. */
  age(): number | undefined;
  /** Whether there is a value that is young enough to use. Fetches nothing. */
  isAvailable(): boolean;
};

/** Milliseconds; what each is for stands at `refreshingCache`. */
export type RefreshPolicy = {
  readonly refreshAfter: number;
  readonly awaitAfter: number;
  readonly longestRetryAfter: number;
};

/** Whoever asks for what we do not have causes one fetch in this many milliseconds at most, however many ask. */
const COOL_DOWN = 10_000;
/** Requests that may wait for that fetch at once. */
const MAX_WAITING = 100;

/**
 * Three ways of fetching are kept apart: the first fetch and the one past the stale bound (awaited, with back-off), the
 * steady refresh (in the background, with the same back-off), and the one for what the value lacks (awaited, with a
 * cool-down). All share one flight, and a failure never replaces a value.
 *
 * @param freshness from the age `refreshAfter` on the value is fetched again while the old one serves; past
 *   `awaitAfter` (nobody asked for a while) each such fetch is awaited, so that what was withdrawn meanwhile is not used;
 *   a `Retry-After` puts it off by `longestRetryAfter` at most
 * @param maxStaleSeconds how long the last good value serves while it cannot be refreshed
 */
export function refreshingCache<Value>(options: {
  fetch: () => Promise<Value>;
  freshness: RefreshPolicy;
  maxStaleSeconds: number;
  outage: OutageReason;
  clock: Clock;
  random: () => number;
  onFailure: (why: string, failures: number) => void;
}): RefreshingCache<Value> {
  const { fetch, freshness, maxStaleSeconds, outage, clock, random, onFailure } = options;
  const retry = backOff(clock, random, freshness.longestRetryAfter);
  let current: { value: Value; fetchedAt: number } | undefined;
  let flight: Promise<void> | undefined;
  let attempts = 0;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let waiting = 0;

  async function attempt(): Promise<void> {
    attempts++;
    attemptedAt = clock.ticks();
    const startedAt = attemptedAt;
    try {
      current = { value: await fetch(), fetchedAt: startedAt };
      retry.succeeded();
    } catch (thrown) {
      retry.failed(thrown instanceof FetchFailure ? thrown.retryAfterSeconds : undefined);
      onFailure(thrown instanceof Error ? thrown.message : 'unknown', retry.failures());
    }
  }

  /** Never rejects: what came of it shows in `current` and `retry`. */
  const refresh = () =>
    (flight ??= attempt().finally(() => {
      flight = undefined;
    }));
  const wait = (work: Promise<void>, signal: AbortSignal) => orOutage(work, signal, outage);
  const age = () => (current ? clock.ticks() - current.fetchedAt : Number.POSITIVE_INFINITY);
  const usable = () => (age() <= maxStaleSeconds * 1000 ? current : undefined);

  async function refreshed(signal: AbortSignal): Promise<Value> {
    if (!usable()) {
      if (flight || retry.allowed()) await wait(refresh(), signal);
    } else if (retry.allowed()) {
      const refreshing = refresh();
      // While the source is down this is one attempt in a while: between them nobody waits and the old value serves.
      if (age() > freshness.awaitAfter) await wait(refreshing, signal);
    }
    return (usable() ?? unavailable()).value;
  }

  return {
    get(signal) {
      const isFresh = current && age() <= Math.min(freshness.refreshAfter, maxStaleSeconds * 1000);
      return current && isFresh ? current.value : refreshed(signal);
    },

    mark: () => attempts,

    async getNewerThan(mark, signal) {
      if (waiting >= MAX_WAITING) return undefined;
      waiting++;
      try {
        // Whoever comes at the same moment has taken a mark before the refresh begins: one is enough for all of them.
        await Promise.resolve();
        while (attempts <= mark || flight) {
          const pause = attemptedAt + COOL_DOWN - clock.ticks();
          if (flight) await wait(flight, signal);
          // What failed a moment ago is not tried again for whoever brings an unknown key id.
          else if (!retry.allowed()) unavailable();
          else if (pause > 0) await wait(clock.sleep(pause, signal), signal);
          else await wait(refresh(), signal);
        }
      } catch (cutShort) {
        // Nothing has failed, so this is no outage: otherwise whoever waits could forge one.
        if (usable() && retry.failures() === 0) return undefined;
        throw cutShort;
      } finally {
        waiting--;
      }
      if (retry.failures() > 0) unavailable();
      return (usable() ?? unavailable()).value;
    },

    async warm() {
      if (retry.allowed()) await refresh();
    },

    age: () => (current ? age() / 1000 : undefined),
    isAvailable: () => usable() !== undefined,
  };

  function unavailable(): never {
    throw new Outage(outage);
  }
}
