import { orOutage, raceAbort, withTimeout } from './async.ts';
import { backOff, exponentialWait } from './circuit-breaker.ts';
import type { Clock } from './clock.ts';
import { Outage } from './errors.ts';
import type { Dependency } from './health.ts';
import type { OutageReason } from './reasons.ts';

/**
 * Thrown by a fetch that failed. The message completes a sentence for the operator and holds nothing secret;
 * `retryAfterSeconds` is what the server asked for; `conclusive` says that the server answered, and its answer is no;
 * `advice` says what the operator can do.
 */
export class FetchFailure extends Error {
  override readonly name: string = 'FetchFailure';
  readonly retryAfterSeconds: number | undefined;
  readonly conclusive: boolean;
  readonly advice: string | undefined;
  constructor(message: string, retryAfterSeconds?: number, conclusive = false, advice?: string) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
    this.conclusive = conclusive;
    this.advice = advice;
  }
}

/**
 * The seconds that a `Retry-After` asks for: a number of seconds or a date (RFC 9110, section 10.2.3).
 *
 * @param now seconds since the epoch
 */
export function secondsUntilRetry(retryAfter: string | null | undefined, now: number): number | undefined {
  if (!retryAfter) return undefined;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : Date.parse(retryAfter) / 1000 - now;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** Thrown in place of a request, because others failed a moment ago. It has no back-off: nothing was asked. */
export class NotAsked extends FetchFailure {
  override readonly name = 'NotAsked';
}

/** A value that another service holds, kept fresh here: an issuer's keys, the versions of a secret. */
export type RefreshingCache<Value> = Dependency & {
  /** The value, without waiting where it is fresh. Throws an `Outage` where there is none that is young enough. */
  get(signal: AbortSignal): Promise<Value>;
  /**
   * The value for a request that needs something in it. Where it is missing, fetches the value again, at most once in
   * 10 s, and waits 2 s at most; what is missing then is not there. Throws an `Outage` where it cannot find out.
   */
  lookUp(has: (value: Value) => boolean, signal: AbortSignal): Promise<Value>;
  /** Seconds since the last successful fetch. */
  age(): number | undefined;
};

export type RefreshPolicy = {
  /** From this age on, a use of the value starts a refresh in the background. */
  readonly refreshAfterMs: number;
  /** From this age on (nobody used it for a while), a use waits for the refresh, so that nothing withdrawn is used. */
  readonly awaitAfterMs: number;
  /** A `Retry-After` is heeded up to this. */
  readonly longestRetryAfterMs: number;
  /** The longest back-off; without it, a minute and a half. */
  readonly longestWaitMs?: number;
  /** The longest back-off while there is no usable value; without it, as long as with one. */
  readonly longestEmptyWaitMs?: number;
};

/** Requests for what is missing cause one fetch in this time, however many there are. */
const COOL_DOWN_MS = 10_000;
/** How long a request waits at most. The fetch goes on behind it, and the next request uses what it brings. */
export const REQUEST_WAIT_MS = 2000;
/** How many requests for what is missing wait at once. */
const MAX_WAITING = 100;

/**
 * Fetches for three causes: there is no usable value (awaited, with back-off), the value ages (in the background, with
 * the same back-off), or the value lacks something (awaited, with the cool-down as well). One fetch runs at a time, and
 * a failure never replaces a value.
 *
 * @param maxStaleSeconds how long the last good value serves while it cannot be refreshed
 * @param outage the reason where there is no usable value or a fetch failed
 * @param unconfirmed the reason where something is missing and no fetch may start yet: forged requests can cause it
 */
export function refreshingCache<Value>(options: {
  fetch: () => Promise<Value>;
  policy: RefreshPolicy;
  maxStaleSeconds: number;
  outage: OutageReason;
  unconfirmed: OutageReason;
  clock: Clock;
  random: () => number;
  onFailure: (why: string, failures: number, advice?: string) => void;
}): RefreshingCache<Value> {
  const { fetch, policy, maxStaleSeconds, outage, unconfirmed, clock, random, onFailure } = options;
  const { refreshAfterMs, awaitAfterMs, longestRetryAfterMs, longestWaitMs, longestEmptyWaitMs } = policy;
  const retry = backOff({ clock, waitMs, longestRetryAfterMs });
  let current: { value: Value; fetchedAt: number } | undefined;
  /** Resolves when the fetch that is running ends, or when requests have waited long enough for it. */
  let running: Promise<void> | undefined;
  let isLate = false;
  let hasFailed = false;
  let attempts = 0;
  let lookedUpAt = Number.NEGATIVE_INFINITY;
  let waiting = 0;

  const ageMs = () => (current ? clock.ticks() - current.fetchedAt : Number.POSITIVE_INFINITY);
  const usable = () => (ageMs() <= maxStaleSeconds * 1000 ? current : undefined);

  function waitMs(failures: number): number {
    const longestMs =
      (usable() ? undefined : longestEmptyWaitMs) ?? longestWaitMs ?? Number.POSITIVE_INFINITY;
    return Math.min(exponentialWait(failures, random), longestMs * (1 - random() / 8));
  }

  async function attempt(): Promise<void> {
    attempts++;
    const startedAt = clock.ticks();
    try {
      current = { value: await fetch(), fetchedAt: startedAt };
      hasFailed = false;
      retry.succeeded();
    } catch (thrown) {
      hasFailed = true;
      if (thrown instanceof NotAsked) return;
      const { retryAfterSeconds, advice } = thrown instanceof FetchFailure ? thrown : new FetchFailure('');
      retry.failed(retryAfterSeconds);
      onFailure(thrown instanceof Error ? thrown.message : 'unknown', retry.failures(), advice);
    }
  }

  /**
   * Joins the fetch that is running, or starts one. Resolves when it ends, or when requests have waited long enough for
   * it. Never rejects: the result is in `current` and `retry`.
   */
  function refresh(): Promise<void> {
    if (running) return running;
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
    const attempting = attempt();
    const cancel = clock.after(REQUEST_WAIT_MS, () => {
      isLate = true;
      giveUp();
    });
    const ended = attempting.finally(() => {
      cancel();
      isLate = false;
      running = undefined;
    });
    running = Promise.race([ended, late]);
    return running;
  }

  async function get(signal: AbortSignal): Promise<Value> {
    if (!usable()) {
      if (running || retry.allowed()) await orOutage(refresh(), signal, outage);
    } else if (ageMs() > refreshAfterMs && retry.allowed()) {
      const refreshing = refresh();
      // During an outage only the attempts are awaited: between them the old value serves at once.
      if (ageMs() > awaitAfterMs) await orOutage(refreshing, signal, outage);
    }
    return usableValue();
  }

  async function lookUp(has: (value: Value) => boolean, signal: AbortSignal): Promise<Value> {
    const startedAt = clock.ticks();
    const attemptsBefore = attempts;
    const value = await get(signal);
    if (has(value)) return value;
    if (signal.aborted || waiting >= MAX_WAITING) notConfirmed();
    waiting++;
    try {
      // Its fetch starts before the time-out does, so that a fetch that fails in time is reported as an outage.
      const fetching = fetchMissing(has, attemptsBefore);
      const leftMs = REQUEST_WAIT_MS - (clock.ticks() - startedAt);
      return await withTimeout(clock, leftMs, (timeout) =>
        raceAbort(raceAbort(fetching, signal, notConfirmed), timeout, notConfirmed),
      );
    } finally {
      waiting--;
    }
  }

  async function fetchMissing(has: (value: Value) => boolean, attemptsBefore: number): Promise<Value> {
    const isFound = () => current !== undefined && has(current.value);
    let joined = false;
    while (running && !isLate && !isFound()) {
      joined = true;
      await running;
    }
    if (isLate && !isFound()) unavailable();
    // A fetch that began after the request answers it. One that began before may have missed a rotation.
    if (!isFound() && attempts === attemptsBefore) {
      if (!retry.allowed()) unavailable();
      if (clock.ticks() - lookedUpAt >= COOL_DOWN_MS) {
        lookedUpAt = clock.ticks();
        await refresh();
        // Where the fetch was not made, the next request may try again.
        if (hasFailed) lookedUpAt = Number.NEGATIVE_INFINITY;
      } else if (!joined) {
        notConfirmed();
      }
    }
    if (isLate || hasFailed) unavailable();
    return usableValue();
  }

  return {
    get,
    lookUp,
    async warm() {
      if (retry.allowed()) await refresh();
    },
    age: () => (current ? ageMs() / 1000 : undefined),
    isAvailable: () => usable() !== undefined,
  };

  function usableValue(): Value {
    return (usable() ?? unavailable()).value;
  }

  function unavailable(): never {
    throw new Outage(outage);
  }

  function notConfirmed(): never {
    throw new Outage(hasFailed ? outage : unconfirmed);
  }
}
