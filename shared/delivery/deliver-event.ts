import { andThen, isPending, isThenable } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { raceAbort } from '../async.ts';
import type { Reason } from '../reasons.ts';
import type { EventClaim } from './claim-event.ts';
import type { KeptClaim } from './kept-claim.ts';

/** What became of one event. Only the first three let the request be answered 200. */
export type EventOutcome =
  | 'handled'
  | 'handled-before'
  | 'no-handler'
  | Extract<
      Reason,
      'delivery-in-progress' | 'handler-timed-out' | 'handler-threw' | 'ledger-unavailable' | 'delivery-threw'
    >;

export type HandlingOptions = {
  /** Aborts at the time-out of the request. */
  readonly signal: AbortSignal;
  /** Told what a handler threw. */
  readonly onThrow: (thrown: unknown) => void;
};

/**
 * Runs the handler of a claimed event, and settles the claim or gives it back by how the handler ended.
 *
 * When the signal aborts first, the answer does not wait any longer, but the claim is kept for as long as the handler
 * really runs: nobody else may start the same work beside it.
 */
export function deliverEvent(
  claim: EventClaim,
  handler: () => unknown,
  { signal, onThrow }: HandlingOptions,
): Awaitable<EventOutcome> {
  if (typeof claim === 'string') return claim;
  if (signal.aborted) {
    void claim.giveBack();
    return 'handler-timed-out';
  }
  const run = begun(handler, claim, signal, onThrow);
  return isPending(run) ? raceAbort(run, signal, () => 'handler-timed-out') : run;
}

/** The run of a handler, over at once where neither the handler nor the ledger has to be waited for. */
function begun(
  handler: () => unknown,
  claim: KeptClaim,
  signal: AbortSignal,
  onThrow: (thrown: unknown) => void,
): Awaitable<EventOutcome> {
  const ended = () => andThen(claim.complete(), () => 'handled' as const);
  const failed = (thrown: unknown) => {
    tell(onThrow, thrown);
    // A handler that heeds the signal throws because of it: that is the time-out, not a fault of its own.
    return andThen(claim.giveBack(), () => (signal.aborted ? 'handler-timed-out' : 'handler-threw'));
  };
  let pending: Promise<unknown> | undefined;
  try {
    const returned = handler();
    // A handler may return a promise of a library, or of another realm.
    if (isThenable(returned)) pending = Promise.resolve(returned);
  } catch (thrown) {
    return failed(thrown);
  }
  return pending ? pending.then(ended, failed) : ended();
}

/** A log that fails must not keep the claim. */
function tell(onThrow: (thrown: unknown) => void, thrown: unknown): void {
  try {
    onThrow(thrown);
  } catch {
    // There is nobody left to tell.
  }
}
