import type { Clock } from '../clock.ts';

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
