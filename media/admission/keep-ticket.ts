import { isPending } from '../../shared/awaitable.ts';
import type { Awaitable } from '../../shared/awaitable.ts';
import type { Clock } from '../../shared/clock.ts';
import { withTimeout, orOutage } from '../../shared/async.ts';
import type { Lease } from '../../shared/ledger/ledger.ts';

/** How long a live socket goes on while nobody can say whether its ticket is still its own, in milliseconds. */
const LONGEST_IN_DOUBT = 5 * 60_000;

/**
 * Keeps the ticket of an open socket by renewing its lease, until the socket is closed; then gives it back.
 *
 * A renewal that fails is tried again at the next turn, also when the lease has run out by then: while the ledger is out
 * nobody else can get the ticket, so a live call is not dropped for that. As soon as the ledger answers it says whose the
 * ticket is, and a socket that has lost it is closed.
 *
 * @param ended aborted when the socket is closed
 * @returns why the socket has to be closed; undefined where it is closed
 */
export async function keepTicket(options: {
  lease: Lease;
  leaseSeconds: number;
  clock: Clock;
  ended: AbortSignal;
}): Promise<'ticket-lost' | 'ledger-unavailable' | undefined> {
  const { lease, leaseSeconds, clock, ended } = options;
  const leaseMilliseconds = leaseSeconds * 1000;
  let confirmedAt = clock.ticks();

  /** Undefined where it failed or took as long as the lease. */
  const inTime = <Result>(work: () => Awaitable<Result>): Promise<Result | undefined> =>
    withTimeout(clock, leaseMilliseconds, async (signal) => {
      const result = work();
      return isPending(result) ? orOutage(result, signal, 'ledger-unavailable') : result;
    }).catch(() => undefined);

  try {
    for (;;) {
      // A third of the lease leaves room for two renewals that fail.
      await clock.sleep(leaseMilliseconds / 3, ended);
      const sentAt = clock.ticks();
      const isOurs = await inTime(() => lease.renew());
      if (isOurs === false) return 'ticket-lost';
      if (isOurs) confirmedAt = sentAt;
      else if (clock.ticks() - confirmedAt >= LONGEST_IN_DOUBT) return 'ledger-unavailable';
    }
  } catch {
    return undefined;
  } finally {
    // What cannot be given back runs out with its lease.
    await inTime(() => lease.release());
  }
}
