import { withTimeout } from '../async.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { OutageReason } from '../reasons.ts';
import { FetchFailure, refreshingCache } from '../refreshing-cache.ts';
import type { RefreshPolicy } from '../refreshing-cache.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { LONGEST_RETRY_AFTER_MS } from './key-vault.ts';
import type { ListedVersion, Vault } from './key-vault.ts';
import { strayCharacters, withoutLineBreak } from './stored-text.ts';
import { secretVersion } from './versions.ts';
import type { SecretVersions, SecretVersion } from './versions.ts';

/** A version that is disabled in the vault is refused within five minutes, the fetch included. */
const POLICY: RefreshPolicy = {
  refreshAfterMs: 2 * 60_000,
  awaitAfterMs: 4.5 * 60_000,
  longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
};
/** How long a fetch of a secret may take in all, the sign-in included. */
const TOTAL_DEADLINE_MS = 2000;
/** The newest versions of a secret that count. With more than a few at a time, old ones are never disabled. */
const MAX_VERSIONS = 10;
/** A shorter value is never used. Vonage, too, requires "no less than 32 bits". */
export const MIN_SECRET_BYTES = 4;
/** RFC 7518, section 3.2: a key for HMAC-SHA256 is at least as long as its hash. */
export const SHORT_SECRET_BYTES = 32;
const SHORT_ADVICE = 'use 32 random bytes or more';
export const STRAY_ADVICE = 'if they are not meant, add a version without them: docs/secrets.md';
const FOR_EVER = Number.POSITIVE_INFINITY;

type StoredVersion = ListedVersion & SecretVersion;
/** Whether the vault has the secret at all, and those of its versions that count. */
type Listing = { readonly exists: boolean; readonly versions: readonly StoredVersion[] };

/**
 * A secret in a vault. Every version that is enabled and within its time verifies; the newest signs.
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
  /** By version id. The value of a version never changes, so it is fetched and imported once. */
  const known = new Map<string, SecretVersion>();
  /** Whether the log says that no version is in force. */
  let isNoneReported = false;
  let listing: Listing | undefined;
  const cache = refreshingCache<Listing>({
    fetch: fetchVersions,
    policy: POLICY,
    maxStaleSeconds,
    outage,
    // Only callback keys name a version.
    unconfirmed: 'callback-key-unconfirmed',
    clock,
    random,
    onFailure: (why, failures) => note('warn', 'secret-refresh-failed', { secret: purpose, why, failures }),
  });

  async function fetchVersions(): Promise<Listing> {
    await vault.ready();
    return withTimeout(clock, TOTAL_DEADLINE_MS, async (signal) => {
      const listed = await vault.list(name, signal);
      if (listed.length === 0 && mayBeAbsent) {
        listing = { exists: false, versions: [] };
        return listing;
      }
      if (listed.length === 0) throw new FetchFailure('the vault has no such secret');
      const counted = countedAmong(listed);
      const stored = await Promise.all(counted.map((version) => withValue(version, signal)));
      forgetOthers(counted);
      const versions = stored.filter(({ secret }) => secret.length >= minBytes);
      // This is the vault's answer: versions that were known before must not outlive it.
      reportNoneInForce(versions);
      listing = { exists: true, versions };
      return listing;
    });
  }

  /** Logged once, where no entry about a single version says it already. */
  function reportNoneInForce(versions: readonly StoredVersion[]): void {
    const isNone = !versions.some(inForce);
    if (isNone && !isNoneReported) note('error', 'secret-not-in-force', { secret: purpose });
    isNoneReported = isNone;
  }

  /** The newest first. Versions in force go before upcoming ones, however new those are. */
  function countedAmong(listed: readonly ListedVersion[]): readonly ListedVersion[] {
    const newestFirst = (one: ListedVersion, other: ListedVersion) => other.created - one.created;
    const alive = listed.filter(({ enabled, expires }) => enabled && clock.now() < (expires ?? FOR_EVER));
    const inItsTime = alive.filter(inForce).sort(newestFirst);
    const upcoming = alive.filter((version) => !inForce(version)).sort(newestFirst);
    return [...inItsTime, ...upcoming].slice(0, MAX_VERSIONS).sort(newestFirst);
  }

  async function withValue(version: ListedVersion, signal: AbortSignal): Promise<StoredVersion> {
    let stored = known.get(version.id);
    if (!stored) {
      const text = withoutLineBreak(await vault.value(name, version.id, signal));
      const secret = Buffer.from(text.trim() === '' ? '' : text, 'utf8');
      stored = secretVersion(version.id.slice(0, 8), secret);
      known.set(version.id, stored);
      warnAbout(stored, strayCharacters(text));
    }
    return { ...version, ...stored };
  }

  function warnAbout({ kid, secret }: SecretVersion, stray: string | undefined): void {
    const about = { secret: purpose, version: kid };
    if (secret.length < minBytes) {
      note('warn', 'secret-refused', { ...about, advice: SHORT_ADVICE });
      isNoneReported = true;
    } else if (secret.length < SHORT_SECRET_BYTES)
      note('warn', 'secret-short', { ...about, advice: SHORT_ADVICE });
    if (secret.length > 0 && stray)
      note('warn', 'secret-stray-characters', { ...about, has: stray, advice: STRAY_ADVICE });
  }

  function forgetOthers(counted: readonly ListedVersion[]): void {
    for (const id of known.keys()) if (!counted.some((version) => version.id === id)) known.delete(id);
  }

  function inForce({ notBefore = 0, expires = FOR_EVER }: ListedVersion): boolean {
    return clock.now() >= notBefore && clock.now() < expires;
  }

  /** A secret without a version in force is an outage: nobody can tell what was signed with it. */
  function versionsInForce({ exists, versions }: Listing): readonly StoredVersion[] {
    const current = versions.filter(inForce);
    if (exists && current.length === 0) throw new Outage(outage);
    return current;
  }

  return {
    async versions(signal) {
      const [newest, ...older] = versionsInForce(await cache.get(signal));
      if (!newest) throw new Outage(outage);
      return [newest, ...older];
    },
    present: async (signal) => versionsInForce(await cache.get(signal)),
    async find(kid, signal) {
      const isWanted = (version: StoredVersion) => version.kid === kid && inForce(version);
      // Another instance, or a backend, may sign with a version that is newer than our list.
      const listing = await cache.lookUp(({ versions }) => versions.some(isWanted), signal);
      return versionsInForce(listing).filter(isWanted);
    },
    warm: cache.warm,
    isAvailable: () =>
      cache.isAvailable() && listing !== undefined && (!listing.exists || listing.versions.some(inForce)),
  };
}
