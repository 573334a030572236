import { raceAbort, withTimeout } from '../async.ts';
import { backOff } from '../circuit-breaker.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { OutageReason } from '../reasons.ts';
import { FetchFailure, NotAsked, refreshingCache, REQUEST_WAIT_MS } from '../refreshing-cache.ts';
import type { RefreshPolicy } from '../refreshing-cache.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { LONGEST_RETRY_AFTER_MS } from './key-vault.ts';
import type { ListedVersion, Vault } from './key-vault.ts';
import { strayCharacters, withoutLineBreak } from './stored-text.ts';
import { secretVersion } from './versions.ts';
import type { SecretVersions, SecretVersion } from './versions.ts';

/** The longest pause after a failure: six requests a minute, and back within 15 s of the vault. */
const LONGEST_WAIT_MS = 12_000;
/** A version that is disabled in the vault is refused within five minutes, the fetch included. */
const POLICY: RefreshPolicy = {
  refreshAfterMs: 2 * 60_000,
  awaitAfterMs: 4.5 * 60_000,
  longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
  longestWaitMs: LONGEST_WAIT_MS,
};
/** A list, all of its pages, or a value that has not come after this time is given up. */
const FETCH_DEADLINE_MS = 15_000;
/** How soon a list without a usable version is read again. */
const RECHECK_SECONDS = 10;
/** The newest versions of a secret that count. With more than a few at a time, old ones are never disabled. */
const MAX_VERSIONS = 10;
/** A shorter value is never used. Vonage, too, requires "no less than 32 bits". */
export const MIN_SECRET_BYTES = 4;
/** RFC 7518, section 3.2: a key for HMAC-SHA256 is at least as long as its hash. */
export const SHORT_SECRET_BYTES = 32;
const SHORT_ADVICE = 'use 32 random bytes or more';
export const STRAY_ADVICE = 'if they are not meant, add a version without them: docs/secrets.md';
const FOR_EVER = Number.POSITIVE_INFINITY;

/** Whether the vault has the secret at all, and its versions that are enabled and have not expired, the newest first. */
type Listing = { readonly exists: boolean; readonly versions: readonly ListedVersion[] };

/**
 * A secret in a vault. Every version that is enabled and within its time verifies; the newest signs.
 *
 * List and values are fetched apart. What the list says takes effect at once. Values that came are used, whatever happens
 * to the others. A request waits 2 s at most, and what it asked for goes on behind it.
 *
 * @param purpose what the log calls the secret: its name may be a secret that was put in the wrong place
 * @param outage the reason where the secret is not available
 * @param mayBeAbsent a secret that does not exist has no versions, and that is no outage
 * @param minBytes a version with a shorter value is never used
 * @param maxStaleSeconds how long the last known versions serve while the vault cannot be reached
 */
export function vaultSecret(options: {
  name: string;
  purpose: string;
  vault: Vault;
  outage: OutageReason;
  mayBeAbsent?: boolean;
  minBytes?: number;
  maxStaleSeconds: number;
  clock: Clock;
  random: () => number;
  note: Note;
}): SecretVersions {
  const { name, purpose, vault, outage, maxStaleSeconds, clock, random, note } = options;
  const { mayBeAbsent = false, minBytes = MIN_SECRET_BYTES } = options;
  let listing: Listing | undefined;
  /** By version id. The value of a version never changes, so it is fetched and imported once. */
  const values = new Map<string, SecretVersion>();
  /** By version id: resolves when the fetch of its value ends, or when requests have waited long enough for it. */
  const fetching = new Map<string, Promise<void>>();
  const valueRetry = backOff({
    clock,
    waitMs: () => LONGEST_WAIT_MS * (1 - random() / 8),
    longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
  });
  /** Whether the log says already that no version is usable. */
  let isNoneReported = false;

  const cache = refreshingCache<Listing>({
    fetch: fetchList,
    policy: POLICY,
    maxStaleSeconds,
    outage,
    // Only callback keys name a version.
    unconfirmed: 'callback-key-unconfirmed',
    clock,
    random,
    onFailure: reportFailure,
  });

  async function fetchList(): Promise<Listing> {
    await vault.ready();
    const listed = await withTimeout(clock, FETCH_DEADLINE_MS, (signal) => vault.list(name, signal));
    const exists = listed.length > 0;
    if (!exists && !mayBeAbsent) throw new FetchFailure('the vault has no such secret');
    if (!exists && listing?.exists) {
      note('warn', 'secret-gone', {
        secret: purpose,
        advice:
          'a deleted secret is not withdrawn: disable its versions; az keyvault secret recover brings it back',
      });
    }
    listing = {
      exists,
      versions: listed
        .filter(({ enabled, expires }) => enabled && clock.now() < (expires ?? FOR_EVER))
        .sort((one, other) => other.created - one.created),
    };
    const ids = new Set(counted(listing).map(({ id }) => id));
    for (const id of values.keys()) if (!ids.has(id)) values.delete(id);
    fetchValues(listing);
    reportNoneUsable(listing);
    return listing;
  }

  /** The versions in force that count, the newest first. */
  const counted = ({ versions }: Listing): readonly ListedVersion[] =>
    versions.filter(isInForce).slice(0, MAX_VERSIONS);

  function isInForce({ notBefore = 0, expires = FOR_EVER }: ListedVersion): boolean {
    return clock.now() >= notBefore && clock.now() < expires;
  }

  /** Those of them whose values are known and can be used. */
  const usable = (of: Listing): readonly SecretVersion[] =>
    counted(of)
      .flatMap(({ id }) => values.get(id) ?? [])
      .filter(({ secret }) => secret.length >= minBytes);

  const missing = (of: Listing): readonly ListedVersion[] => counted(of).filter(({ id }) => !values.has(id));

  /** Starts to fetch the values that are missing. After a failure it asks for one alone, when the back-off allows it. */
  function fetchValues(of: Listing): void {
    const wanted = missing(of).filter(({ id }) => !fetching.has(id));
    const failures = valueRetry.failures();
    if (wanted.length === 0 || !valueRetry.allowed() || (failures > 0 && fetching.size > 0)) return;
    const probe = wanted[failures % wanted.length];
    for (const version of failures > 0 && probe ? [probe] : wanted) {
      const ended = fetchValue(version).finally(() => fetching.delete(version.id));
      fetching.set(version.id, withinWait(ended));
    }
  }

  async function fetchValue({ id }: ListedVersion): Promise<void> {
    try {
      const stored = await withTimeout(clock, FETCH_DEADLINE_MS, (signal) => vault.value(name, id, signal));
      const text = withoutLineBreak(stored);
      const version = secretVersion(id.slice(0, 8), Buffer.from(text.trim() === '' ? '' : text, 'utf8'));
      values.set(id, version);
      warnAbout(version, strayCharacters(text));
      valueRetry.succeeded();
      if (!listing) return;
      isNoneReported = hasNone(listing);
      fetchValues(listing);
    } catch (thrown) {
      if (thrown instanceof NotAsked) return;
      const { message, retryAfterSeconds, advice } =
        thrown instanceof FetchFailure ? thrown : new FetchFailure('the value cannot be used');
      valueRetry.failed(retryAfterSeconds);
      reportFailure(message, valueRetry.failures(), advice);
    }
  }

  /** Resolves when the work ends, or after the time that a request waits. */
  const withinWait = (work: Promise<void>): Promise<void> =>
    withTimeout(clock, REQUEST_WAIT_MS, (late) => raceAbort(work, late, () => {}));

  function reportFailure(why: string, failures: number, advice?: string): void {
    note('warn', 'secret-refresh-failed', { secret: purpose, why, failures, ...(advice && { advice }) });
  }

  const hasNone = (of: Listing) => of.exists && usable(of).length === 0 && missing(of).length === 0;

  /** Logged once, where no entry about a single version says it already. */
  function reportNoneUsable(of: Listing): void {
    if (hasNone(of) && !isNoneReported) note('error', 'secret-not-in-force', { secret: purpose });
    isNoneReported = hasNone(of);
  }

  function warnAbout({ kid, secret }: SecretVersion, stray: string | undefined): void {
    const about = { secret: purpose, version: kid };
    if (secret.length < minBytes) {
      note('warn', 'secret-refused', { ...about, advice: SHORT_ADVICE });
    } else if (secret.length < SHORT_SECRET_BYTES) {
      note('warn', 'secret-short', { ...about, advice: SHORT_ADVICE });
    }
    if (secret.length > 0 && stray) {
      note('warn', 'secret-stray-characters', { ...about, has: stray, advice: STRAY_ADVICE });
    }
  }

  /**
   * Waits for the values that are asked for, where they are new or none is known. A secret without a usable version is an
   * outage: nobody can tell what was signed with it.
   *
   * @param since when the request began to wait
   */
  async function usableIn(
    of: Listing,
    signal: AbortSignal,
    since: number,
  ): Promise<readonly SecretVersion[]> {
    fetchValues(of);
    if (missing(of).length > 0 && (valueRetry.failures() === 0 || usable(of).length === 0)) {
      const values = Promise.all(fetching.values());
      await withTimeout(clock, since + REQUEST_WAIT_MS - clock.ticks(), (late) =>
        raceAbort(values, AbortSignal.any([signal, late]), () => []),
      );
    }
    const versions = usable(of);
    if (of.exists && versions.length === 0) throw new Outage(outage);
    return versions;
  }

  async function present(signal: AbortSignal): Promise<readonly SecretVersion[]> {
    const since = clock.ticks();
    return usableIn(await cache.get(signal), signal, since);
  }

  const isAvailable = () =>
    cache.isAvailable() && listing !== undefined && (!listing.exists || usable(listing).length > 0);

  const isComplete = () => listing !== undefined && missing(listing).length === 0;

  return {
    async versions(signal) {
      const [newest, ...older] = await present(signal);
      if (!newest) throw new Outage(outage);
      return [newest, ...older];
    },
    present,
    async find(kid, signal) {
      const since = clock.ticks();
      const isWanted = ({ id }: ListedVersion) => id.slice(0, 8) === kid;
      // Another instance, or a backend, may sign with a version that is newer than our list.
      const found = await cache.lookUp((known) => counted(known).some(isWanted), signal);
      const versions = (await usableIn(found, signal, since)).filter((version) => version.kid === kid);
      if (versions.length === 0 && missing(found).some(isWanted)) throw new Outage(outage);
      return versions;
    },
    isComplete,
    async warm() {
      if (isAvailable()) return;
      // A list without a usable version is read again, but no more often than one that failed.
      if (!cache.isAvailable() || (isComplete() && (cache.age() ?? 0) >= RECHECK_SECONDS)) await cache.warm();
      if (!listing) return;
      fetchValues(listing);
      await Promise.all(fetching.values());
    },
    isAvailable,
  };
}
