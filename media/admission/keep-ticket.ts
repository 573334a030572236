import type { Clock } from '../../shared/clock.ts';
import { deadline } from '../../shared/deadline.ts';
import type { Lease, Ledger } from '../../shared/ledger/ledger.ts';
import { orAbort } from '../../shared/or-abort.ts';

/** How long a live socket goes on while nobody can say whether its ticket is still its own, in milliseconds. */
const LONGEST_IN_DOUBT = 5 * 60_000;

/**
 * Keeps the ticket of an open socket by renewing its lease, until the socket is closed; then gives it back.
 *
 * A renewal that fails is tried again at the next turn. Once all have failed for the length of the lease the ticket is in
 * doubt: somebody else may hold it. While the ledger is out nobody can get it, so a live call is not dropped for that; but
 * the ticket is claimed anew as soon as the ledger answers, and a socket that does not get it back is closed.
 *
 * @param ended aborted when the socket is closed
 * @returns why the socket has to be closed; undefined where it is closed
 */
export async function keepTicket(options: {
  ledger: Ledger;
  key: string;
  lease: Lease;
  /** When the claim was sent, in ticks of the clock. */
  claimedAt: number;
  leaseSeconds: number;
  clock: Clock;
  ended: AbortSignal;
}): Promise<'ticket-lost' | 'ledger-unavailable' | undefined> {
  const { ledger, key, leaseSeconds, clock, ended } = options;
  const leaseMilliseconds = leaseSeconds * 1000;
  let lease: Lease | undefined = options.lease;
  /** When the last renewal was sent that is known to have come in time, and the last one whatever came of it. */
  let confirmedAt = options.claimedAt;
  let attemptedAt = confirmedAt;
  const isCertain = () => clock.ticks() - confirmedAt < leaseMilliseconds;

  /** Undefined where it failed or took as long as the lease. */
  async function inTime<Result>(work: Promise<Result>): Promise<Result | undefined> {
    const limit = deadline(clock, leaseMilliseconds);
    try {
      return await orAbort(work, limit.signal, 'ledger-unavailable');
    } catch {
      return undefined;
    } finally {
      limit.clear();
    }
  }

  try {
    for (;;) {
      // A third of the lease leaves room for two renewals that fail.
      await clock.sleep(leaseMilliseconds / 3, ended);
      const sentAt = clock.ticks();
      if (lease && isCertain()) {
        attemptedAt = sentAt;
        const renewed = await inTime(lease.renew().then(() => true));
        // Renewing does nothing, and does not say so, where the lease has run out: so it counts only before that.
        if (renewed && isCertain()) confirmedAt = sentAt;
        continue;
      }
      if (sentAt - confirmedAt >= LONGEST_IN_DOUBT) return 'ledger-unavailable';
      // An attempt whose answer was lost may have held the ticket for us: that would pass for somebody else.
      if (sentAt - attemptedAt < leaseMilliseconds) continue;
      attemptedAt = sentAt;
      const claim = await inTime(ledger.claim(key, leaseSeconds));
      lease = claim?.state === 'claimed' ? claim.lease : undefined;
      if (lease) confirmedAt = sentAt;
      else if (claim) return 'ticket-lost';
    }
  } catch {
    return undefined;
  } finally {
    // What cannot be given back runs out with its lease.
    if (lease) await inTime(lease.release());
  }
}
