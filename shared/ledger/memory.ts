import type { Clock } from '../clock.ts';
import { Outage } from '../outage.ts';
import { expiringMap } from './expiring-map.ts';
import type { ExpiringMap } from './expiring-map.ts';
import { REMEMBERED_SECONDS } from './ledger.ts';
import type { Ledger, Lease } from './ledger.ts';

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
      settle() {
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
    claim(claimable, leaseSeconds) {
      const { key, seconds = REMEMBERED_SECONDS, also } = claimable;
      if (settled.get(key)) return { state: 'done' };
      if (isBusy(key)) return { state: 'busy' };
      if (also && settled.get(also.key)) {
        // Done through another delivery, so this one stays done too when that is forgotten.
        settled.set(key, true, seconds);
        return { state: 'done' };
      }
      if (also && isBusy(also.key)) return { state: 'busy' };
      if (claims.size >= capacity) forgetDeadClaims();
      if (claims.size >= capacity) throw new Outage('ledger-unavailable');
      return { state: 'claimed', lease: hold([{ key, seconds }, ...(also ? [also] : [])], leaseSeconds) };
    },
    bound: (name) => bindingsLike(name).get(name),
    bind(name, value, seconds) {
      const ofKind = bindingsLike(name);
      const bound = ofKind.get(name);
      if (bound === undefined) ofKind.set(name, value, seconds);
      return bound ?? value;
    },
    warm: async () => {},
    isOut: () => false,
  };
}
