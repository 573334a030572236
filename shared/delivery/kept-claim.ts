import { orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { Lease } from '../ledger/ledger.ts';

/** A claim that stands until it is settled or given back. Neither ever rejects. */
export type KeptClaim = {
  /** Over when it is done for everybody, or when the ledger was asked in vain for the first time. */
  complete(): Awaitable<void>;
  giveBack(): Awaitable<void>;
};

/** A claim is kept this long and no longer, whatever becomes of its handler, in milliseconds. */
const LONGEST_HANDLER = 10 * 60 * 1000;

/** What a ledger that is out is asked again after, in milliseconds; sooner where the lease is short. */
const SETTLE_AGAIN = 1000;

const nothing = () => {};

/** Renews a lease for as long as its handler runs: the answer may be out long before. */
export function keptClaim(lease: Lease, leaseSeconds: number, clock: Clock): KeptClaim {
  const until = clock.ticks() + LONGEST_HANDLER;
  const stopRenewing = keepRenewing(lease, leaseSeconds, clock, until);
  return {
    complete() {
      stopRenewing();
      // The handler has ended well, so its event must not come again: that is no matter for the sender.
      const settleLater = () =>
        void keepSettling(lease, Math.min(SETTLE_AGAIN, leaseSeconds * 250), clock, until);
      return orElse(() => lease.complete(), settleLater);
    },
    giveBack() {
      stopRenewing();
      // What cannot be given back runs out with its lease.
      return orElse(() => lease.release(), nothing);
    },
  };
}

/** Returns what ends it. */
function keepRenewing(lease: Lease, leaseSeconds: number, clock: Clock, until: number): () => void {
  // A third of the lease leaves room for two renewals that fail.
  const pause = (leaseSeconds * 1000) / 3;
  let cancel = clock.after(pause, renew);
  function renew(): void {
    // The next turn does not wait for the answer: a ledger that is slow would let the lease run out.
    if (clock.ticks() < until) cancel = clock.after(pause, renew);
    // A failed renewal is tried again at the next turn; when all fail the lease runs out, as after a crash.
    void orElse<unknown>(() => lease.renew(), nothing);
  }
  return () => cancel();
}

async function keepSettling(lease: Lease, pause: number, clock: Clock, until: number): Promise<void> {
  while (clock.ticks() < until) {
    await clock.sleep(pause);
    try {
      return await lease.complete();
    } catch {
      // Once more.
    }
  }
}
