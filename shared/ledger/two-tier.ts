import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Acquisition, LedgerKey, Lease, Ledger } from './ledger.ts';
import { expiringMap } from './memory.ts';

/** What happens to deliveries while the shared ledger is out. */
export type LedgerOutage = 'proceed' | 'refuse';

/** A binding is looked up again after this, in seconds. */
const LOOK_AGAIN = 600;
/** Bindings that are held here: those of the calls of ten minutes, many times over. */
const CAPACITY = 10_000;

/**
 * A ledger of this process before one that is shared: what this process handles or has handled it need not ask for.
 * While the shared one is out, `proceed` goes by what this process knows, so that an event is handled at least once and
 * no event is lost; `refuse` throws, and the sender comes again.
 */
export function twoTierLedger(shared: Ledger, local: Ledger, outage: LedgerOutage, clock: Clock): Ledger {
  const known = expiringMap<string>(clock, CAPACITY);

  /** What the shared ledger says; `undefined` where it is out and that must not keep a delivery. */
  async function unlessOut<Answer>(work: () => Awaitable<Answer>): Promise<Answer | undefined> {
    try {
      return await work();
    } catch (thrown) {
      if (outage === 'proceed' && thrown instanceof Outage) return undefined;
      throw thrown;
    }
  }

  /** That a key is done elsewhere. What it has in common with others may be over by now, or not be done at all. */
  async function remember(key: LedgerKey, leaseSeconds: number): Promise<void> {
    const claim = await local.acquire(key, leaseSeconds);
    if (claim.state === 'acquired') await claim.lease.complete();
  }

  /** Keys that the shared ledger is being asked for: whoever wants one meanwhile waits, and finds here what it said. */
  const asking = new Map<string, Promise<unknown>>();

  async function claim(claimable: LedgerKey, leaseSeconds: number): Promise<Acquisition> {
    const { key } = claimable;
    while (asking.has(key)) await asking.get(key);
    const asked = claimHereFirst(claimable, leaseSeconds);
    const over = asked.catch(() => {}).then(() => asking.delete(key));
    // Before anything is awaited: those who come at the same moment wait as well.
    asking.set(key, over);
    return asked;
  }

  async function claimHereFirst(claimable: LedgerKey, leaseSeconds: number): Promise<Acquisition> {
    const mine = await local.acquire(claimable, leaseSeconds);
    return mine.state === 'acquired' ? claimShared(mine, claimable, leaseSeconds) : mine;
  }

  async function claimShared(
    mine: Extract<Acquisition, { state: 'acquired' }>,
    claimable: LedgerKey,
    leaseSeconds: number,
  ): Promise<Acquisition> {
    let theirs: Acquisition | undefined;
    try {
      theirs = await unlessOut(() => shared.acquire(claimable, leaseSeconds));
    } catch (thrown) {
      await mine.lease.release();
      throw thrown;
    }
    // The shared ledger may have taken longer to answer than the lease lasts: nobody else had the key here meanwhile.
    await mine.lease.renew();
    if (!theirs) return mine;
    if (theirs.state === 'acquired') return { state: 'acquired', lease: both(mine.lease, theirs.lease) };
    await mine.lease.release();
    if (theirs.state === 'done') await remember({ ...claimable, alias: undefined }, leaseSeconds);
    return theirs;
  }

  async function boundElsewhere(name: string): Promise<string | undefined> {
    const found = await unlessOut(() => shared.get(name));
    if (found !== undefined) known.set(name, found, LOOK_AGAIN);
    return found ?? (await local.get(name));
  }

  async function bindElsewhere(name: string, value: string, seconds: number): Promise<string> {
    // What was bound here while the shared ledger was out holds on.
    const mine = await local.get(name);
    const found = await unlessOut(() => shared.putIfAbsent(name, mine ?? value, seconds));
    const bound = await local.putIfAbsent(name, found ?? mine ?? value, seconds);
    if (found !== undefined) known.set(name, found, Math.min(seconds, LOOK_AGAIN));
    return found ?? bound;
  }

  return {
    acquire: claim,
    get: (name) => known.get(name) ?? boundElsewhere(name),
    putIfAbsent: (name, value, seconds) => known.get(name) ?? bindElsewhere(name, value, seconds),
    warm: shared.warm,
    isAvailable: shared.isAvailable,
  };
}

/** Ours first, since it never fails: what this process has done it knows even where it cannot tell others yet. */
function both(mine: Lease, theirs: Lease): Lease {
  let renewing: Promise<boolean> | undefined;
  return {
    async renew() {
      // Ours at each turn, also while the shared ledger has not answered the turn before.
      await mine.renew();
      renewing ??= Promise.resolve(theirs.renew()).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    async complete() {
      await mine.complete();
      await theirs.complete();
    },
    async release() {
      await mine.release();
      await theirs.release();
    },
  };
}
