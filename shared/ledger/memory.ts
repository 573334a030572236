import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import { REMEMBERED_SECONDS } from './ledger.ts';
import type { Lease, Ledger } from './ledger.ts';

/** A map whose entries are forgotten after a while, and the oldest of them early where there are too many. */
export type ExpiringMap<Value> = {
  get(key: string): Value | undefined;
  /** @param seconds from now until it is forgotten */
  set(key: string, value: Value, seconds: number): void;
};

/** @param capacity entries at most */
export function expiringMap<Value>(clock: Clock, capacity: number): ExpiringMap<Value> {
  type Entry = { readonly value: Value; readonly until: number };
  const entries = new Map<string, Entry>();
  // Goes on from where it was: one made anew steps over every place that an entry has left, tens of thousands of them.
  let fromOldest = entries.entries();
  let oldest: [string, Entry] | undefined;

  function oldestEntry(): [string, Entry] | undefined {
    while (!oldest || entries.get(oldest[0]) !== oldest[1]) {
      const { done, value } = fromOldest.next();
      // It is over for good where it has come to the end, and then nothing is left that it came by.
      if (done) fromOldest = entries.entries();
      oldest = value;
      if (done) break;
    }
    return oldest;
  }

  function forget(now: number): void {
    for (let entry = oldestEntry(); entry; entry = oldestEntry()) {
      const [key, { until }] = entry;
      if (until > now && entries.size < capacity) return;
      entries.delete(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      return entry && entry.until > clock.ticks() ? entry.value : undefined;
    },
    set(key, value, seconds) {
      const now = clock.ticks();
      forget(now);
      // Set anew, so that the order of the map stays the order of age.
      entries.delete(key);
      entries.set(key, { value, until: now + seconds * 1000 });
    },
  };
}

/**
 * The ledger of one process: what it knows ends with the process, and another instance knows nothing of it.
 *
 * Bounded: past `capacity` settled keys the oldest are forgotten, so that a repeat of such an old event would be
 * handled again, and likewise with bindings; past `capacity` claims in hand it refuses.
 *
 * @param capacity of each kind; an entry takes roughly 200 bytes
 */
export function memoryLedger(clock: Clock, capacity = 100_000): Ledger {
  /** Claims in hand, and until when. The object itself tells one holder from the next. */
  const claims = new Map<string, { until: number }>();
  const settled = expiringMap<true>(clock, capacity);
  /** By the kind of name, so that many short-lived tokens do not push a call's reference out. */
  const bindings = new Map<string, ExpiringMap<string>>();

  function forgetDeadClaims(): void {
    const now = clock.ticks();
    for (const [key, { until }] of claims) if (until <= now) claims.delete(key);
  }

  function isBusy(key: string): boolean {
    const claim = claims.get(key);
    return claim !== undefined && claim.until > clock.ticks();
  }

  function hold(what: readonly { key: string; seconds: number }[], leaseSeconds: number): Lease {
    const held = { until: clock.ticks() + leaseSeconds * 1000 };
    for (const { key } of what) claims.set(key, held);
    const isHeld = () => what.every(({ key }) => claims.get(key) === held);
    return {
      renew() {
        if (!isHeld()) return false;
        held.until = clock.ticks() + leaseSeconds * 1000;
        return true;
      },
      complete() {
        if (!isHeld()) return;
        for (const { key, seconds } of what) {
          claims.delete(key);
          settled.set(key, true, seconds);
        }
      },
      release() {
        if (isHeld()) for (const { key } of what) claims.delete(key);
      },
    };
  }

  const bindingsLike = (name: string) => {
    const kind = name.slice(0, name.indexOf(':') + 1);
    let ofKind = bindings.get(kind);
    if (!ofKind) {
      ofKind = expiringMap<string>(clock, capacity);
      bindings.set(kind, ofKind);
    }
    return ofKind;
  };

  return {
    acquire(claimable, leaseSeconds) {
      const { key, seconds = REMEMBERED_SECONDS, alias } = claimable;
      if (settled.get(key)) return { state: 'done' };
      if (isBusy(key)) return { state: 'busy' };
      if (alias && settled.get(alias.key)) {
        // Done through another delivery, so this one stays done too when that is forgotten.
        settled.set(key, true, seconds);
        return { state: 'done' };
      }
      if (alias && isBusy(alias.key)) return { state: 'busy' };
      if (claims.size >= capacity) forgetDeadClaims();
      if (claims.size >= capacity) throw new Outage('ledger-unavailable');
      return { state: 'acquired', lease: hold([{ key, seconds }, ...(alias ? [alias] : [])], leaseSeconds) };
    },
    get: (name) => bindingsLike(name).get(name),
    putIfAbsent(name, value, seconds) {
      const ofKind = bindingsLike(name);
      const bound = ofKind.get(name);
      if (bound === undefined) ofKind.set(name, value, seconds);
      return bound ?? value;
    },
    warm: async () => {},
    isAvailable: () => true,
  };
}
