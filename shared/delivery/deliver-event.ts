import type { Clock } from '../clock.ts';
import { orAbort } from '../or-abort.ts';
import { Outage } from '../outage.ts';
import type { Claim, Lease, Ledger } from '../ledger/ledger.ts';
import type { Reason } from '../reasons.ts';
import { claimEvent } from './claim-event.ts';
import type { ProvedEvent } from './provider.ts';

/** What became of one event. Only the first three let the request be answered 200. */
export type EventOutcome =
  | 'handled'
  | 'handled-before'
  | 'no-handler'
  | Extract<
      Reason,
      'delivery-in-progress' | 'handler-timed-out' | 'handler-threw' | 'ledger-unavailable' | 'delivery-threw'
    >;

/** After the time-out the claim of a handler that does not stop is kept this long, in milliseconds. */
const LONGEST_HANDLER = 10 * 60 * 1000;

export type HandlingOptions = {
  readonly leaseSeconds: number;
  readonly clock: Clock;
  /** Aborts at the time-out of the request. */
  readonly signal: AbortSignal;
  /** Told what a handler threw. */
  readonly onThrow: (thrown: unknown) => void;
};

/**
 * Claims an event, runs its handler, and settles or releases the claim by how the handler ended.
 *
 * When the signal aborts first, the answer does not wait any longer, but the claim is kept for as long as the handler
 * really runs: nobody else may start the same work beside it.
 */
export async function deliverEvent(
  event: Pick<ProvedEvent, 'key' | 'also'>,
  handler: (() => unknown) | undefined,
  ledger: Ledger,
  options: HandlingOptions,
): Promise<EventOutcome> {
  const { leaseSeconds, signal } = options;
  if (!handler) return 'no-handler';
  if (signal.aborted) return 'handler-timed-out';
  try {
    const claim = await claimInTime(event, ledger, leaseSeconds, signal);
    if (claim.state === 'done') return 'handled-before';
    if (claim.state === 'busy') return 'delivery-in-progress';
    return await handle(handler, claim.lease, options);
  } catch (thrown) {
    if (thrown instanceof Outage && thrown.reason === 'ledger-unavailable') return thrown.reason;
    throw thrown;
  }
}

/** Waits for the claim no longer than the signal allows; one that comes later must not keep others from the event. */
async function claimInTime(
  event: Pick<ProvedEvent, 'key' | 'also'>,
  ledger: Ledger,
  leaseSeconds: number,
  signal: AbortSignal,
): Promise<Claim> {
  const claiming = claimEvent(event, ledger, leaseSeconds);
  try {
    return await orAbort(claiming, signal, 'ledger-unavailable');
  } catch (thrown) {
    void giveBack(claiming);
    throw thrown;
  }
}

async function giveBack(claiming: Promise<Claim>): Promise<void> {
  try {
    const claim = await claiming;
    if (claim.state === 'claimed') await claim.lease.release();
  } catch {
    // Then it runs out with its lease.
  }
}

async function handle(handler: () => unknown, lease: Lease, options: HandlingOptions): Promise<EventOutcome> {
  const { leaseSeconds, clock, signal, onThrow } = options;
  const ended = new AbortController();
  void keepRenewing(lease, leaseSeconds, clock, ended.signal);

  async function run(): Promise<EventOutcome> {
    try {
      await handler();
    } catch (thrown) {
      tell(onThrow, thrown);
      ended.abort();
      await lease.release();
      // A handler that heeds the signal throws because of it: that is the time-out, not a fault of its own.
      return signal.aborted ? 'handler-timed-out' : 'handler-threw';
    }
    ended.abort();
    await lease.settle();
    return 'handled';
  }
  const answered = new AbortController();
  try {
    return await Promise.race([run(), timedOut(signal, answered.signal)]);
  } finally {
    answered.abort();
  }
}

/** A log that fails must not keep the claim. */
function tell(onThrow: (thrown: unknown) => void, thrown: unknown): void {
  try {
    onThrow(thrown);
  } catch {
    // There is nobody left to tell.
  }
}

function timedOut(signal: AbortSignal, answered: AbortSignal): Promise<'handler-timed-out'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('handler-timed-out'), { once: true, signal: answered });
  });
}

async function keepRenewing(
  lease: Lease,
  leaseSeconds: number,
  clock: Clock,
  ended: AbortSignal,
): Promise<void> {
  const started = clock.ticks();
  // A third of the lease leaves room for two renewals that fail.
  const pause = (leaseSeconds * 1000) / 3;
  while (clock.ticks() - started < LONGEST_HANDLER) {
    try {
      await clock.sleep(pause, ended);
    } catch {
      return;
    }
    // A failed renewal is tried again at the next turn; when all fail the lease runs out, as after a crash.
    await lease.renew().catch(() => {});
  }
}
