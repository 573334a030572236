import { deadline } from '../async.ts';
import { andThen } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { OutageReason } from '../reasons.ts';
import { FetchFailure, refreshingCache } from '../refreshing-cache.ts';
import type { RefreshPolicy } from '../refreshing-cache.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { ListedVersion, Vault } from './key-vault.ts';
import { LONGEST_RETRY_AFTER } from './one-probe.ts';
import type { SecretVersions, SecretVersion } from './versions.ts';

/** A version that is disabled in the vault is refused within five minutes, the fetch included. */
const FRESHNESS: RefreshPolicy = {
  refreshAfter: 2 * 60_000,
  awaitAfter: 4.5 * 60_000,
  longestRetryAfter: LONGEST_RETRY_AFTER,
};
/** How long a secret may take to come in all, the sign-in included, in milliseconds. */
const TOTAL_DEADLINE = 2000;
/** Versions of one secret that count: the newest. More than a few at a time means that none is ever disabled. */
const MAX_VERSIONS = 10;
/** What is shorter is no secret. Bytes. */
const LEAST_SECRET = 4;
const FOR_EVER = Number.POSITIVE_INFINITY;
/** RFC 7518, section 3.2: a key for HMAC-SHA256 is at least as long as its hash. Bytes. */
export const SHORT_SECRET = 32;

type Held = ListedVersion & SecretVersion;
/** What the vault says of a secret: whether it is there at all, and its versions that count. */
type Listing = { readonly exists: boolean; readonly held: readonly Held[] };

/**
 * The ring of a secret that lives in a vault: every version that is enabled and in its time verifies, the newest signs.
 *
 * @param purpose what the log calls it: its name may turn out to be a secret that was put in the wrong place
 * @param outage what its absence is reported as
 * @param mayBeAbsent whether it is an answer, and no outage, that there is no such secret: then the ring is empty
 * @param maxStaleSeconds how long the last known versions serve while the vault cannot be reached
 */
export function vaultSecret(options: {
  name: string;
  purpose: string;
  vault: Vault;
  outage: OutageReason;
  mayBeAbsent?: boolean;
  maxStaleSeconds: number;
  clock: Clock;
  random: () => number;
  note: Note;
}): SecretVersions {
  const { name, purpose, vault, outage, mayBeAbsent = false, maxStaleSeconds, clock, random, note } = options;
  /** Values by version id: what a version holds never changes, so it is fetched once. */
  const values = new Map<string, Uint8Array>();
  const fresh = refreshingCache<Listing>({
    fetch: fetchVersions,
    freshness: FRESHNESS,
    maxStaleSeconds,
    outage,
    clock,
    random,
    onFailure: (why, failures) => note('warn', 'secret-refresh-failed', { secret: purpose, why, failures }),
  });

  async function fetchVersions(): Promise<Listing> {
    await vault.ready();
    const limit = deadline(clock, TOTAL_DEADLINE);
    try {
      const listed = await vault.list(name, limit.signal);
      if (listed.length === 0 && mayBeAbsent) return { exists: false, held: [] };
      if (listed.length === 0) throw new FetchFailure('the vault has no such secret');
      const counted = countedAmong(listed);
      const held = await Promise.all(counted.map((version) => hold(version, limit.signal)));
      forgetOthers(counted);
      const usable = held.filter(({ secret }) => secret.length >= LEAST_SECRET);
      // That is the vault's answer, and what was known before must not outlive it.
      if (!usable.some(inForce)) note('error', 'secret-not-in-force', { secret: purpose });
      return { exists: true, held: usable };
    } finally {
      limit.clear();
    }
  }

  /** The newest first. What is in force takes its places before what is not yet, however new that is. */
  function countedAmong(listed: readonly ListedVersion[]): readonly ListedVersion[] {
    const newestFirst = (one: ListedVersion, other: ListedVersion) => other.created - one.created;
    const alive = listed.filter(({ enabled, expires }) => enabled && clock.now() < (expires ?? FOR_EVER));
    const inItsTime = alive.filter(inForce).sort(newestFirst);
    const upcoming = alive.filter((version) => !inForce(version)).sort(newestFirst);
    return [...inItsTime, ...upcoming].slice(0, MAX_VERSIONS).sort(newestFirst);
  }

  async function hold(version: ListedVersion, signal: AbortSignal): Promise<Held> {
    let secret = values.get(version.id);
    if (!secret) {
      const text = await vault.value(name, version.id, signal);
      secret = Buffer.from(text.trim() === '' ? '' : text, 'utf8');
      values.set(version.id, secret);
      warnAbout(version, secret);
    }
    return { ...version, kid: version.id.slice(0, 8), secret };
  }

  function warnAbout(version: ListedVersion, secret: Uint8Array): void {
    if (secret.length >= SHORT_SECRET) return;
    const kind = secret.length < LEAST_SECRET ? 'secret-refused' : 'secret-short';
    note('warn', kind, {
      secret: purpose,
      version: version.id.slice(0, 8),
      advice: 'use 32 random bytes or more',
    });
  }

  function forgetOthers(counted: readonly ListedVersion[]): void {
    for (const id of values.keys()) if (!counted.some((version) => version.id === id)) values.delete(id);
  }

  function inForce({ notBefore = 0, expires = FOR_EVER }: ListedVersion): boolean {
    return clock.now() >= notBefore && clock.now() < expires;
  }

  /** Where the secret is there and no version of it is in force, nobody can tell what was signed with it. */
  function current({ exists, held }: Listing): readonly Held[] {
    const versions = held.filter(inForce);
    if (exists && versions.length === 0) throw new Outage(outage);
    return versions;
  }

  /** Another instance, or a backend, may sign with a version that is newer than our list. */
  async function findNewer(kid: string, listing: Listing, mark: number, signal: AbortSignal) {
    const newer = (await fresh.getNewerThan(mark, signal)) ?? listing;
    return current(newer).filter((version) => version.kid === kid);
  }

  return {
    versions: (signal) =>
      andThen(fresh.get(signal), (listing) => {
        const [newest, ...older] = current(listing);
        if (!newest) throw new Outage(outage);
        return [newest, ...older];
      }),
    present: (signal) => andThen(fresh.get(signal), current),
    find(kid, signal) {
      const mark = fresh.mark();
      return andThen(fresh.get(signal), (listing) => {
        const found = listing.held.filter((version) => version.kid === kid && inForce(version));
        return found.length > 0 ? found : findNewer(kid, listing, mark, signal);
      });
    },
    warm: () => fresh.warm(),
    isAvailable: fresh.isAvailable,
  };
}
