import type { Clock } from '../shared/clock.ts';
import { withTimeout, orOutage } from '../shared/async.ts';
import type { Lease } from '../shared/ledger/ledger.ts';

/** How long an open socket goes on while the ledger cannot confirm that it still holds its ticket. */
const MAX_UNCONFIRMED_MS = 5 * 60_000;

/**
 * Renews the lease of an open socket's ticket until the socket is closed, then releases it.
 *
 * A failed renewal is retried at the next interval, even if the lease has expired by then: during a ledger outage no
 * other socket can acquire the ticket, so a live call goes on. Once the ledger answers again, a socket that lost its
 * ticket is closed.
 *
 * @param options.closed aborts when the socket is closed
 * @returns why the socket has to be closed; undefined if it is closed already
 */
export async function holdTicket(options: {
  lease: Lease;
  leaseSeconds: number;
  clock: Clock;
  closed: AbortSignal;
}): Promise<'ticket-lost' | 'ledger-unavailable' | undefined> {
  const { lease, leaseSeconds, clock, closed } = options;
  const leaseMs = leaseSeconds * 1000;
  let confirmedAt = clock.ticks();

  /** @returns undefined if `work` failed or took as long as the lease */
  async function inTime<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await withTimeout(clock, leaseMs, (signal) => orOutage(work(), signal, 'ledger-unavailable'));
    } catch {
      return undefined;
    }
  }

  try {
    for (;;) {
      // A third of the lease: two renewals can fail before it expires.
      await clock.sleep(leaseMs / 3, closed);
      const sentAt = clock.ticks();
      const isOurs = await inTime(async () => lease.renew());
      if (isOurs === false) return 'ticket-lost';
      if (isOurs) confirmedAt = sentAt;
      else if (clock.ticks() - confirmedAt >= MAX_UNCONFIRMED_MS) return 'ledger-unavailable';
    }
  } catch {
    return undefined;
  } finally {
    // A lease that cannot be released expires by itself.
    await inTime(async () => lease.release());
  }
}
