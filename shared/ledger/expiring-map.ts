import type { Clock } from '../clock.ts';

/** A map whose entries are forgotten after a while, and the oldest of them early where there are too many. */
export type ExpiringMap<Value> = {
  get(key: string): Value | undefined;
  /** @param seconds from now until it is forgotten */
  set(key: string, value: Value, seconds: number): void;
};

/** @param capacity entries at most */
export function expiringMap<Value>(clock: Clock, capacity: number): ExpiringMap<Value> {
  const entries = new Map<string, { value: Value; until: number }>();

  function forget(): void {
    const now = clock.ticks();
    for (const [key, { until }] of entries) {
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
      forget();
      // Set anew, so that the order of the map stays the order of age.
      entries.delete(key);
      entries.set(key, { value, until: clock.ticks() + seconds * 1000 });
    },
  };
}
