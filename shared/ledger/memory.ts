import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import { REMEMBERED_SECONDS, REPLY_SECONDS, checkReply } from './ledger.ts';
import type { Acquisition, Lease, Ledger } from './ledger.ts';

/** A bounded map whose entries expire. When it is full, it drops the oldest entries first. */
export type ExpiringMap<Value> = {
  get(key: string): Value | undefined;
  /** @param seconds from now until the entry expires */
  set(key: string, value: Value, seconds: number): void;
};

/** @param capacity entries at most */
export function expiringMap<Value>(clock: Clock, capacity: number): ExpiringMap<Value> {
  type Entry = { readonly value: Value; readonly untilMs: number };
  const entries = new Map<string, Entry>();
  // One iterator for all calls: a new one would step over the place of every deleted entry, tens of thousands of them.
  let fromOldest = entries.entries();
  let oldest: [string, Entry] | undefined;

  function oldestEntry(): [string, Entry] | undefined {
    while (!oldest || entries.get(oldest[0]) !== oldest[1]) {
      const { done, value } = fromOldest.next();
      // An iterator that has reached the end stays there. It has passed every entry, so a new one starts.
      if (done) fromOldest = entries.entries();
      oldest = value;
      if (done) break;
    }
    return oldest;
  }

  function dropOldest(nowMs: number): void {
    for (let entry = oldestEntry(); entry; entry = oldestEntry()) {
      const [key, { untilMs }] = entry;
      if (untilMs > nowMs && entries.size < capacity) return;
      entries.delete(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      return entry && entry.untilMs > clock.ticks() ? entry.value : undefined;
    },
    set(key, value, seconds) {
      const nowMs = clock.ticks();
      dropOldest(nowMs);
      // Deleted first, so that the order of the map stays the order of age.
      entries.delete(key);
      entries.set(key, { value, untilMs: nowMs + seconds * 1000 });
    },
  };
}

/** What is known of a done key. */
type Done = { reply?: string; readonly replyUntilMs: number };

const NO_REPLY: Done = { replyUntilMs: 0 };

/**
 * A ledger in the memory of one process. Other instances do not see it, and a restart empties it.
 *
 * It is bounded. Past `capacity` done keys it forgets the oldest, so a repeat of such an old event would be handled again.
 * The same holds for stored values, and past a twentieth of it for replies. Past `capacity` leases it throws an `Outage`.
 *
 * @param capacity of each kind; an entry takes roughly 200 bytes, the call of a reference 500
 */
export function memoryLedger(clock: Clock, capacity = 100_000): Ledger {
  /** Who holds a key. Keys of one lease share one object, and the object identifies the holder. */
  const holders = new Map<string, { untilMs: number }>();
  const doneKeys = expiringMap<Done>(clock, capacity);
  /** The keys with a reply, the oldest first. */
  const replied: Done[] = [];
  /** One map for each kind of name, so that many short-lived tokens cannot evict the reference of a call. */
  const valuesByKind = new Map<string, ExpiringMap<string>>();

  function dropExpiredLeases(): void {
    const nowMs = clock.ticks();
    for (const [key, { untilMs }] of holders) if (untilMs <= nowMs) holders.delete(key);
  }

  function isBusy(key: string): boolean {
    const holder = holders.get(key);
    return holder !== undefined && holder.untilMs > clock.ticks();
  }

  function lease(keys: readonly { key: string; seconds: number }[], leaseSeconds: number): Lease {
    let confirmedAt = clock.ticks();
    const holder = { untilMs: confirmedAt + leaseSeconds * 1000 };
    for (const { key } of keys) holders.set(key, holder);
    const isHeld = () => keys.every(({ key }) => holders.get(key) === holder);
    return {
      async renew() {
        if (!isHeld()) return false;
        confirmedAt = clock.ticks();
        holder.untilMs = confirmedAt + leaseSeconds * 1000;
        return true;
      },
      async complete(reply) {
        checkReply(reply);
        if (!isHeld()) return false;
        const done = doneWith(reply);
        for (const { key, seconds } of keys) {
          holders.delete(key);
          doneKeys.set(key, done, seconds);
        }
        return true;
      },
      async release() {
        if (isHeld()) for (const { key } of keys) holders.delete(key);
      },
      confirmedAt: () => confirmedAt,
    };
  }

  function doneWith(reply: string | undefined): Done {
    if (reply === undefined) return NO_REPLY;
    const done = { reply, replyUntilMs: clock.ticks() + REPLY_SECONDS * 1000 };
    // Fewer than done keys, since a reply has up to 16 KiB.
    if (replied.push(done) > capacity / 20) delete replied.shift()?.reply;
    return done;
  }

  function acquisitionOf({ reply, replyUntilMs }: Done): Acquisition {
    return reply !== undefined && replyUntilMs > clock.ticks() ? { state: 'done', reply } : { state: 'done' };
  }

  /** The kind of a name is what precedes its colon. */
  function valuesLike(name: string): ExpiringMap<string> {
    const kind = name.slice(0, name.indexOf(':') + 1);
    let values = valuesByKind.get(kind);
    if (!values) {
      values = expiringMap<string>(clock, capacity);
      valuesByKind.set(kind, values);
    }
    return values;
  }

  return {
    // Nothing is awaited between the look and the write, so no other caller can come in between.
    async acquire({ key, seconds = REMEMBERED_SECONDS, alias }, leaseSeconds) {
      const done = doneKeys.get(key);
      if (done) return acquisitionOf(done);
      if (isBusy(key)) return { state: 'busy' };
      const doneAlias = alias && doneKeys.get(alias.key);
      if (doneAlias) {
        // Another delivery completed it. This key must stay done after the alias is forgotten.
        doneKeys.set(key, doneAlias, seconds);
        return acquisitionOf(doneAlias);
      }
      if (alias && isBusy(alias.key)) return { state: 'busy' };
      if (holders.size >= capacity) dropExpiredLeases();
      if (holders.size >= capacity) throw new Outage('ledger-unavailable');
      const keys = alias ? [{ key, seconds }, alias] : [{ key, seconds }];
      return { state: 'acquired', lease: lease(keys, leaseSeconds) };
    },
    async get(name) {
      return valuesLike(name).get(name);
    },
    async putIfAbsent(name, value, seconds) {
      const values = valuesLike(name);
      const found = values.get(name);
      if (found === undefined) values.set(name, value, seconds);
      return found ?? value;
    },
    async warm() {},
    isAvailable: () => true,
  };
}
