import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import type { Acquisition, LedgerKey, Lease, Ledger } from './ledger.ts';
import { expiringMap } from './memory.ts';
import { unwrittenCompletions } from './unwritten.ts';
import type { Unwritten } from './unwritten.ts';

/** What happens to deliveries during an outage of the shared ledger. */
export type LedgerOutage = 'proceed' | 'refuse';

/** A value from the shared ledger is cached for this long. */
const VALUE_CACHE_SECONDS = 600;
/** Entries: many times the calls of ten minutes. */
const VALUE_CACHE_CAPACITY = 10_000;

/**
 * Puts the ledger of this process in front of a shared one, so that a repeat of an event that this process handles or has
 * handled costs no request.
 *
 * During an outage of the shared ledger, `proceed` uses what this process knows: an event is handled at least once and
 * none is lost. `refuse` throws an `Outage`, and the sender retries. What is completed during an outage is written to the
 * shared ledger when it is back.
 */
export function twoTierLedger(
  shared: Ledger,
  local: Ledger,
  outage: LedgerOutage,
  clock: Clock,
  note: Note,
): Ledger {
  const cachedValues = expiringMap<string>(clock, VALUE_CACHE_CAPACITY);
  const unwritten = unwrittenCompletions(clock, note);

  /** Asks the shared ledger. Returns `undefined` during an outage if deliveries proceed without it. */
  async function askShared<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await question();
    } catch (thrown) {
      if (outage === 'proceed' && thrown instanceof Outage) return undefined;
      throw thrown;
    }
  }

  /** Keys that are being acquired here. A second caller waits, and then finds the result in `local`. */
  const acquiring = new Map<string, Promise<unknown>>();

  async function acquire(key: LedgerKey, leaseSeconds: number): Promise<Acquisition> {
    while (acquiring.has(key.key)) await acquiring.get(key.key);
    const acquisition = acquireBoth(key, leaseSeconds);
    const ended = acquisition.catch(() => {}).then(() => acquiring.delete(key.key));
    // Set before anything is awaited, so that a caller at the same moment waits as well.
    acquiring.set(key.key, ended);
    return acquisition;
  }

  /** First in this process, then in the shared ledger. */
  async function acquireBoth(key: LedgerKey, leaseSeconds: number): Promise<Acquisition> {
    const here = await local.acquire(key, leaseSeconds);
    if (here.state !== 'acquired') return here;
    let there: Acquisition | undefined;
    try {
      there = await askShared(() => shared.acquire(key, leaseSeconds));
    } catch (thrown) {
      await here.lease.release();
      throw thrown;
    }
    // The answer may have taken longer than the lease. Nobody else got the key here meanwhile: they wait in `acquire`.
    await here.lease.renew();
    if (!there) return { state: 'acquired', lease: leaseHere(key, here.lease, leaseSeconds) };
    if (there.state === 'acquired')
      return { state: 'acquired', lease: leaseOfBoth(key, here.lease, there.lease, unwritten) };
    await here.lease.release();
    // A reply is forgotten earlier than its key, and only the shared ledger knows when.
    if (there.state === 'done' && there.reply === undefined) await rememberDone(key, leaseSeconds);
    return there;
  }

  /** A lease of this process alone. The shared ledger could not be asked. */
  const leaseHere = (key: LedgerKey, here: Lease, leaseSeconds: number): Lease => ({
    ...here,
    async complete(reply) {
      const isOurs = await here.complete(reply);
      let own: Lease | undefined;
      if (isOurs)
        unwritten.add(key, async () => {
          if (!own) {
            const there = await shared.acquire(key, leaseSeconds);
            // Another instance handles the event as well. It completes the key, or gives it back.
            if (there.state === 'busy') return 'later';
            // Another instance has handled it as well, as `proceed` allows.
            if (there.state === 'done') return 'lost';
            own = there.lease;
          }
          // If this fails, the next attempt finds the key held, or already completed, by this lease.
          return (await own.complete(reply)) ? 'ours' : 'lost';
        });
      return isOurs;
    },
  });

  /** Only the key itself: its alias may be forgotten by now, or not be done at all. */
  async function rememberDone(key: LedgerKey, leaseSeconds: number): Promise<void> {
    const here = await local.acquire({ ...key, alias: undefined }, leaseSeconds);
    if (here.state === 'acquired') await here.lease.complete();
  }

  return {
    acquire,
    async get(name) {
      const cached = cachedValues.get(name);
      if (cached !== undefined) return cached;
      const there = await askShared(() => shared.get(name));
      if (there !== undefined) cachedValues.set(name, there, VALUE_CACHE_SECONDS);
      return there ?? (await local.get(name));
    },
    async putIfAbsent(name, value, seconds) {
      const cached = cachedValues.get(name);
      if (cached !== undefined) return cached;
      // A value that was stored here during an outage goes to the shared ledger now.
      const wanted = (await local.get(name)) ?? value;
      const there = await askShared(() => shared.putIfAbsent(name, wanted, seconds));
      const here = await local.putIfAbsent(name, there ?? wanted, seconds);
      if (there !== undefined) cachedValues.set(name, there, Math.min(seconds, VALUE_CACHE_SECONDS));
      return there ?? here;
    },
    warm: shared.warm,
    isAvailable: shared.isAvailable,
  };
}

/**
 * The lease of this process goes first, since it never fails. This process then knows what it has done, even if it cannot
 * tell the shared ledger yet.
 */
function leaseOfBoth(key: LedgerKey, here: Lease, there: Lease, unwritten: Unwritten): Lease {
  let renewing: Promise<boolean> | undefined;
  return {
    async renew() {
      // Renewed here each time, even while the shared ledger has not answered the previous renewal.
      await here.renew();
      renewing ??= there.renew().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    async complete(reply) {
      await here.complete(reply);
      try {
        return await there.complete(reply);
      } catch (thrown) {
        unwritten.add(key, async () => ((await there.complete(reply)) ? 'ours' : 'lost'));
        throw thrown;
      }
    },
    async release() {
      await here.release();
      await there.release();
    },
    confirmedAt: there.confirmedAt,
  };
}
