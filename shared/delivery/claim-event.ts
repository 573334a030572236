import { andThen, orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { acquireInTime } from '../ledger/claim-in-time.ts';
import type { Acquisition, LedgerKey, Ledger } from '../ledger/ledger.ts';
import { Outage } from '../errors.ts';
import { keptClaim } from './kept-claim.ts';
import type { KeptClaim } from './kept-claim.ts';

/** A claim that is kept, or why there is none. */
export type EventClaim =
  KeptClaim | 'handled-before' | 'delivery-in-progress' | 'handler-timed-out' | 'ledger-unavailable';

export type ClaimingOptions = {
  readonly leaseSeconds: number;
  readonly clock: Clock;
  /** Aborts at the time-out of the request. */
  readonly signal: AbortSignal;
};

/** Claims an event, and waits for that no longer than the signal allows. Fails on nothing but a fault of ours. */
export function claimEvent(
  event: LedgerKey,
  ledger: Ledger,
  { leaseSeconds, clock, signal }: ClaimingOptions,
): Awaitable<EventClaim> {
  if (signal.aborted) return 'handler-timed-out';
  const kept = (claim: Acquisition): EventClaim => {
    if (claim.state === 'done') return 'handled-before';
    if (claim.state === 'busy') return 'delivery-in-progress';
    return keptClaim(claim.lease, leaseSeconds, clock);
  };
  return orElse(
    () => andThen(acquireInTime(ledger.acquire(event, leaseSeconds), signal), kept),
    (thrown) => {
      if (thrown instanceof Outage && thrown.reason === 'ledger-unavailable') return thrown.reason;
      throw thrown;
    },
  );
}
