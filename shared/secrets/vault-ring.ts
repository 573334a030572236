import type { Clock } from '../clock.ts';
import { deadline } from '../deadline.ts';
import { FetchFailure, keepFresh } from '../freshness/keep-fresh.ts';
import type { Freshness } from '../freshness/keep-fresh.ts';
import { Outage } from '../outage.ts';
import type { OutageReason } from '../reasons.ts';
import type { Note } from '../telemetry/note.ts';
import type { KeyRing, SecretVersion } from './key-ring.ts';
import { LONGEST_RETRY_AFTER } from './one-probe.ts';
import type { ListedVersion, Vault } from './vault.ts';

/** A version that is disabled in the vault is refused within five minutes, the fetch included. */
const FRESHNESS: Freshness = {
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
/** RFC 7518, section 3.2: a key for HMAC-SHA256 is at least as long as its hash. Bytes. */
export const SHORT_SECRET = 32;

type Held = ListedVersion & SecretVersion;

/**
 * The ring of a secret that lives in a vault: every version that is enabled and in its time verifies, the newest signs.
 *
 * @param outage what its absence is reported as
 * @param mayBeAbsent whether it is an answer, and no outage, that there is no such secret: then the ring is empty
 * @param maxStaleSeconds how long the last known versions serve while the vault cannot be reached
 */
export function vaultRing(options: {
  name: string;
  vault: Vault;
  outage: OutageReason;
  mayBeAbsent?: boolean;
  maxStaleSeconds: number;
  clock: Clock;
  random: () => number;
  note: Note;
}): KeyRing {
  const { name, vault, outage, mayBeAbsent = false, maxStaleSeconds, clock, random, note } = options;
  /** Values by version id: what a version holds never changes, so it is fetched once. */
  const values = new Map<string, Uint8Array>();
  let withdrawn = false;
  const fresh = keepFresh<readonly Held[]>({
    fetch: fetchVersions,
    freshness: FRESHNESS,
    maxStaleSeconds,
    outage,
    clock,
    random,
    onFailure: (why, failures) => note('warn', 'secret-refresh-failed', { secret: name, why, failures }),
  });

  async function fetchVersions(): Promise<readonly Held[]> {
    await vault.ready();
    const limit = deadline(clock, TOTAL_DEADLINE);
    try {
      const listed = [...(await vault.list(name, limit.signal))].sort((a, b) => b.created - a.created);
      if (listed.length === 0 && mayBeAbsent) return [];
      const counted = listed.filter(({ enabled }) => enabled).slice(0, MAX_VERSIONS);
      // Every version was disabled: that is the vault's answer, and what was known before must not outlive it.
      withdrawn = listed.length > 0 && counted.length === 0;
      if (withdrawn) return [];
      const held = await Promise.all(counted.map((version) => hold(version, limit.signal)));
      forgetOthers(counted);
      const usable = held.filter(({ secret }) => secret.length >= LEAST_SECRET);
      if (!usable.some(inForce))
        throw new FetchFailure('the vault has no enabled version of it of four bytes or more');
      return usable;
    } finally {
      limit.clear();
    }
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
      secret: name,
      version: version.id.slice(0, 8),
      advice: 'use 32 random bytes or more',
    });
  }

  function forgetOthers(counted: readonly ListedVersion[]): void {
    for (const id of values.keys()) if (!counted.some((version) => version.id === id)) values.delete(id);
  }

  const inForce = ({ notBefore = 0, expires = Number.POSITIVE_INFINITY }: ListedVersion) =>
    clock.now() >= notBefore && clock.now() < expires;

  return {
    async versions(signal) {
      const [newest, ...older] = (await fresh.get(signal)).filter(inForce);
      if (!newest) throw new Outage(outage);
      return [newest, ...older];
    },
    async present(signal) {
      const held = await fresh.get(signal);
      const current = held.filter(inForce);
      if (current.length === 0 && (held.length > 0 || withdrawn)) throw new Outage(outage);
      return current;
    },
    async find(kid, signal) {
      const named = (held: readonly Held[]) =>
        held.filter((version) => version.kid === kid && inForce(version));
      const mark = fresh.mark();
      const known = await fresh.get(signal);
      if (withdrawn) throw new Outage(outage);
      const found = named(known);
      if (found.length > 0) return found;
      // Another instance, or a backend, may sign with a version that is newer than our list.
      return named((await fresh.getNewer(mark, signal)) ?? []);
    },
    warm: () => fresh.warm(),
  };
}
