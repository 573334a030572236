import { orOutage } from '../async.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import { checkReply } from '../ledger/ledger.ts';
import type { Acquisition, Lease, Ledger, LedgerKey } from '../ledger/ledger.ts';

/** A lease that is renewed until its event is completed or released. */
export type RenewingLease = {
  /** Aborts when the lease is lost, or the ledger has not confirmed it for as long as it lasts. */
  readonly lost: AbortSignal;
  /**
   * Resolves when the event is recorded as done, or when that failed: the ledger retries it in the background. Rejects
   * only where the ledger cannot keep such a reply.
   *
   * @param reply as in `Lease`
   * @returns false where the lease was lost
   */
  complete(reply?: string): Promise<boolean>;
  /** Never rejects. */
  release(): Promise<void>;
};

/** An event that was handled before, with the reply that the ledger has for it. */
export type HandledBefore = Extract<Acquisition, { state: 'done' }>;

/** The lease of an event, or the reason why there is none. */
export type EventLease =
  RenewingLease | HandledBefore | 'delivery-in-progress' | 'handler-timed-out' | 'ledger-unavailable';

const isRenewed = (lease: EventLease): lease is RenewingLease =>
  typeof lease !== 'string' && 'release' in lease;

export type LeaseOptions = {
  readonly leaseSeconds: number;
  readonly clock: Clock;
  /** Aborts at the timeout of the request. */
  readonly signal: AbortSignal;
  /** Whether a repeat waits for the reply of the attempt that is running, until the signal aborts. */
  readonly awaitReply?: boolean;
};

/** The leases of the events of one request. */
export type EventLeases<Event extends LedgerKey> = {
  /** The lease of an event whose turn has come. */
  of(event: Event): Promise<EventLease>;
  /** Releases leases that were acquired ahead and never used. */
  releaseUnused(): Promise<void>;
};

/** Leases of one request that are asked for in parallel: a request may bring thousands of events. */
const ACQUIRED_AT_ONCE = 16;
/** A lease is renewed for this long at most, even if its handler runs on. */
const LONGEST_HANDLER_MS = 10 * 60 * 1000;
/** Pause between two questions whether the attempt that is running has a reply. */
const REPLY_PAUSE_MS = 250;

/** Begins to acquire the leases of a request's events, in their order, ahead of their turn. */
export function acquireLeases<Event extends LedgerKey>(
  events: readonly Event[],
  ledger: Ledger,
  options: LeaseOptions,
): EventLeases<Event> {
  const leases = new Map<Event, Promise<EventLease>>();
  let next = 0;

  function acquireNext(): void {
    const some = events.slice(next, next + ACQUIRED_AT_ONCE);
    next += ACQUIRED_AT_ONCE;
    for (const event of some) {
      const lease = acquireLease(event, ledger, options);
      // Awaited when the event's turn comes, which may be never.
      lease.catch(() => {});
      leases.set(event, lease);
    }
  }
  acquireNext();

  return {
    async of(event) {
      if (!leases.has(event)) acquireNext();
      const lease = await (leases.get(event) ?? 'delivery-in-progress');
      leases.delete(event);
      if (isRenewed(lease) && lease.lost.aborted) {
        // Lost while it waited for its turn.
        void lease.release();
        return acquireLease(event, ledger, options);
      }
      // Another event of this request may have held the alias, and be done by now.
      if (lease !== 'delivery-in-progress') return lease;
      if (options.awaitReply) return acquireWhenFree(event, ledger, options);
      return events.length > 1 ? acquireLease(event, ledger, options) : lease;
    },
    async releaseUnused() {
      const unused = await Promise.allSettled(leases.values());
      await Promise.all(
        unused.map(async (one) => {
          if (one.status === 'fulfilled' && isRenewed(one.value)) await one.value.release();
        }),
      );
    },
  };
}

/** Acquires the lease of one event, and waits no longer than the signal allows. Rejects only on a fault of our own. */
export async function acquireLease(
  event: LedgerKey,
  ledger: Ledger,
  { leaseSeconds, clock, signal }: LeaseOptions,
): Promise<EventLease> {
  if (signal.aborted) return 'handler-timed-out';
  try {
    const acquisition = await acquireInTime(ledger.acquire(event, leaseSeconds), signal);
    if (acquisition.state === 'done') return acquisition;
    if (acquisition.state === 'busy') return 'delivery-in-progress';
    return renewingLease(acquisition.lease, leaseSeconds, clock);
  } catch (thrown) {
    if (thrown instanceof Outage && thrown.reason === 'ledger-unavailable') return thrown.reason;
    throw thrown;
  }
}

/** Asks again until the attempt that holds the event has ended, with or without a reply. */
async function acquireWhenFree(event: LedgerKey, ledger: Ledger, options: LeaseOptions): Promise<EventLease> {
  const { clock, signal } = options;
  for (;;) {
    try {
      await clock.sleep(REPLY_PAUSE_MS, signal);
    } catch {
      return 'delivery-in-progress';
    }
    const lease = await acquireLease(event, ledger, options);
    if (lease !== 'delivery-in-progress') return lease;
  }
}

/** Waits for the ledger no longer than the signal allows. A lease that arrives later is released for others. */
export async function acquireInTime(
  acquiring: Promise<Acquisition>,
  signal: AbortSignal,
): Promise<Acquisition> {
  try {
    return await orOutage(acquiring, signal, 'ledger-unavailable');
  } catch (thrown) {
    void releaseLate(acquiring);
    throw thrown;
  }
}

async function releaseLate(acquiring: Promise<Acquisition>): Promise<void> {
  try {
    const acquisition = await acquiring;
    if (acquisition.state === 'acquired') await acquisition.lease.release();
  } catch {
    // The lease expires by itself.
  }
}

function renewingLease(lease: Lease, leaseSeconds: number, clock: Clock): RenewingLease {
  const until = clock.ticks() + LONGEST_HANDLER_MS;
  const lost = new AbortController();
  const stopRenewing = keepRenewing(lease, leaseSeconds, clock, until, lost);
  return {
    lost: lost.signal,
    async complete(reply) {
      checkReply(reply);
      stopRenewing();
      try {
        const isOurs = await lease.complete(reply);
        if (!isOurs) lost.abort();
        return isOurs;
      } catch {
        // The handler succeeded, so the sender gets its 200 even if recording it fails.
        return true;
      }
    },
    async release() {
      stopRenewing();
      try {
        await lease.release();
      } catch {
        // The lease expires by itself.
      }
    },
  };
}

/**
 * Renews a lease three times in its length, counted from when it was asked for. A lease of which no renewal was confirmed
 * for its length counts as lost at the third: another caller may have the key by now. It is renewed all the same, so that
 * nobody else starts the work while its handler still runs.
 *
 * @returns the function that stops it
 */
function keepRenewing(
  lease: Lease,
  leaseSeconds: number,
  clock: Clock,
  until: number,
  lost: AbortController,
): () => void {
  const leaseMs = leaseSeconds * 1000;
  const pause = leaseMs / 3;
  let cancel = clock.after(Math.max(0, lease.confirmedAt() + pause - clock.ticks()), renew);

  function renew(): void {
    const now = clock.ticks();
    const leftMs = lease.confirmedAt() + leaseMs - now;
    if (leftMs <= 0) lost.abort();
    if (!lost.signal.aborted) cancel = clock.after(Math.min(pause, leftMs), renew);
    else if (now < until) cancel = clock.after(pause, renew);
    // The next renewal does not wait for this one: a slow ledger would let the lease expire.
    if (now < until) void renewOnce();
  }

  async function renewOnce(): Promise<void> {
    try {
      if (await lease.renew()) return;
      cancel();
      lost.abort();
    } catch {
      // The next turn tries again. If all of them fail the lease expires, as after a crash.
    }
  }
  return () => cancel();
}
