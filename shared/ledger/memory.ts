import type { Clock } from '../clock.ts';
import { Outage } from '../outage.ts';
import { expiringMap } from './expiring-map.ts';
import type { ExpiringMap } from './expiring-map.ts';
import type { Ledger } from './ledger.ts';

/** A settled key is forgotten after this many seconds: longer than any callback key opens the door for a repeat. */
const REMEMBERED_SECONDS = 48 * 3600;

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

  return {
    async claim(key, leaseSeconds) {
      const now = clock.ticks();
      if (settled.get(key)) return { state: 'done' };
      if ((claims.get(key)?.until ?? 0) > now) return { state: 'busy' };
      if (claims.size >= capacity) forgetDeadClaims();
      if (claims.size >= capacity) throw new Outage('ledger-unavailable');

      const held = { until: now + leaseSeconds * 1000 };
      claims.set(key, held);
      const isHeld = () => claims.get(key) === held;
      return {
        state: 'claimed',
        lease: {
          async renew() {
            if (isHeld()) held.until = clock.ticks() + leaseSeconds * 1000;
          },
          async settle(seconds = REMEMBERED_SECONDS) {
            if (!isHeld()) return;
            claims.delete(key);
            settled.set(key, true, seconds);
          },
          async release() {
            if (isHeld()) claims.delete(key);
          },
        },
      };
    },
    async bind(name, value, seconds) {
      const kind = name.slice(0, name.indexOf(':') + 1);
      const ofKind = bindings.get(kind) ?? expiringMap<string>(clock, capacity);
      bindings.set(kind, ofKind);
      const bound = ofKind.get(name);
      if (bound === undefined) ofKind.set(name, value, seconds);
      return bound ?? value;
    },
  };
}
