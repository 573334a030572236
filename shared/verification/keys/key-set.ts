import type { Clock } from '../../clock.ts';
import { Outage } from '../../outage.ts';
import type { Note } from '../../telemetry/note.ts';
import { reject } from '../verdict.ts';
import { backOff } from './back-off.ts';
import { FetchFailure } from './fetch-json.ts';
import type { KeysById, VerificationKey } from './jwks.ts';

/** The keys of one issuer, kept fresh. */
export type KeySet = {
  /**
   * The keys under `kid`, at least one.
   *
   * Throws a `Rejection` where the issuer, freshly asked, has no such key, and an `Outage` where we cannot tell.
   */
  find(kid: string, signal: AbortSignal): Promise<readonly VerificationKey[]>;
  /** Fetches the keys ahead of the first request; never throws, since the first request will try again. */
  warm(): Promise<void>;
  /** Seconds since the last successful fetch. */
  age(): number | undefined;
};

/** From this age on the keys are fetched again while the old ones serve, in milliseconds. */
const REFRESH_AHEAD = 10 * 60 * 1000;
/** After a longer idle time the refresh is awaited once, so that a key withdrawn meanwhile is not accepted. */
const REFRESH_AWAITED = 2 * REFRESH_AHEAD;
/** Unknown key ids cause one fetch in this many milliseconds at most, whoever sends them and however many. */
const UNKNOWN_KID_COOL_DOWN = 10_000;
/** Requests that may wait for that fetch at once. */
const MAX_WAITING = 100;

/**
 * Three ways of fetching are kept apart: the first fetch and the one past the stale bound (awaited, with back-off), the
 * steady refresh (in the background), and the one for an unknown key id (awaited, with a cool-down). All share one
 * flight, and none replaces a usable set by a failure.
 *
 * @param maxStaleSeconds how long the last usable set serves while it cannot be refreshed
 */
export function keySet(options: {
  name: string;
  fetchKeys: () => Promise<KeysById>;
  maxStaleSeconds: number;
  clock: Clock;
  random: () => number;
  note: Note;
}): KeySet {
  const { name, fetchKeys, maxStaleSeconds, clock, random, note } = options;
  const retry = backOff(clock, random);
  let current: { keys: KeysById; fetchedAt: number } | undefined;
  let flight: Promise<void> | undefined;
  let attempts = 0;
  let attemptedAt = Number.NEGATIVE_INFINITY;

  async function attempt(): Promise<void> {
    attempts++;
    attemptedAt = clock.ticks();
    try {
      current = { keys: await fetchKeys(), fetchedAt: attemptedAt };
      retry.succeeded();
    } catch (thrown) {
      retry.failed(thrown instanceof FetchFailure ? thrown.retryAfterSeconds : undefined);
      const why = thrown instanceof Error ? thrown.message : 'unknown';
      note('warn', 'keys-refresh-failed', { issuer: name, why, failures: retry.failures() });
    } finally {
      flight = undefined;
    }
  }

  /** Never rejects: what came of it shows in `current` and `retry`. */
  const refresh = () => (flight ??= attempt());

  const ageInTicks = () => (current ? clock.ticks() - current.fetchedAt : Number.POSITIVE_INFINITY);
  const usable = () => (ageInTicks() <= maxStaleSeconds * 1000 ? current?.keys : undefined);

  async function keep(signal: AbortSignal): Promise<KeysById> {
    if (!usable()) {
      if (flight || retry.allowed()) await orAbort(refresh(), signal);
    } else if (ageInTicks() > REFRESH_AHEAD && retry.allowed()) {
      const refreshed = refresh();
      // While the issuer is down nobody waits for it: the old keys serve.
      if (ageInTicks() > REFRESH_AWAITED && retry.failures() === 0) await orAbort(refreshed, signal);
    }
    const keys = usable();
    if (!keys) throw new Outage('keys-unavailable');
    return keys;
  }

  let waiting = 0;

  /**
   * A key id that we do not know may be a rotation that we have not seen, so one refresh that starts after the request
   * came decides. It is shared by all who wait for it and comes no sooner than the cool-down allows.
   */
  async function findAfterRefresh(kid: string, arrivedAfter: number, signal: AbortSignal) {
    if (waiting >= MAX_WAITING) reject('token-key-unknown');
    waiting++;
    try {
      while (attempts <= arrivedAfter || flight) {
        const wait = attemptedAt + UNKNOWN_KID_COOL_DOWN - clock.ticks();
        if (flight) await orAbort(flight, signal);
        else if (wait > 0) await orAbort(clock.sleep(wait, signal), signal);
        else await orAbort(refresh(), signal);
      }
    } finally {
      waiting--;
    }
    const found = usable()?.get(kid);
    if (found) return found;
    if (retry.failures() > 0) throw new Outage('keys-unavailable');
    return reject('token-key-unknown');
  }

  return {
    async find(kid, signal) {
      const arrivedAfter = attempts;
      const keys = await keep(signal);
      return keys.get(kid) ?? findAfterRefresh(kid, arrivedAfter, signal);
    },
    async warm() {
      await refresh();
    },
    age: () => (current ? ageInTicks() / 1000 : undefined),
  };
}

/** Our own deadline running out while we wait is an outage of ours, not a fault of the sender. */
async function orAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Outage('keys-unavailable'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } catch (thrown) {
    throw signal.aborted ? new Outage('keys-unavailable') : thrown;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
