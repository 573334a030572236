import { raceAbort } from '../async.ts';
import { checkReply } from '../ledger/ledger.ts';
import type { Reason } from '../reasons.ts';
import type { DeliveryLog } from '../telemetry/delivery-log.ts';
import type { Reply } from './endpoint.ts';
import type { EventLease, RenewingLease } from './leases.ts';

/** What happened to one event. Only the first three allow a 200. */
export type EventOutcome =
  | 'handled'
  | 'handled-before'
  | 'no-handler'
  | Extract<
      Reason,
      | 'delivery-in-progress'
      | 'handler-timed-out'
      | 'handler-threw'
      | 'lease-lost'
      | 'ledger-unavailable'
      | 'delivery-threw'
    >;

export type HandlingOptions = {
  /** Aborts at the timeout of the request. */
  readonly signal: AbortSignal;
  readonly eventType: string;
  readonly log: Pick<DeliveryLog, 'handlerThrew' | 'handlerCompletedLate' | 'leaseLost'>;
  /** Where the sender acts on the response. */
  readonly reply?: Pick<Reply, 'serialize'> & {
    /** Receives the reply of this run, or of the one that handled the event before. */
    readonly onReply: (text: string | undefined) => void;
  };
};

/**
 * Runs the handler of an event, then completes or releases its lease.
 *
 * If the request times out or the lease is lost, the handler's signal aborts and the request is answered, but the lease is
 * kept for as long as the handler really runs: nobody else may start the same work beside it.
 *
 * @param handler receives its signal
 */
export async function handleEvent(
  lease: EventLease,
  handler: (signal: AbortSignal) => unknown,
  options: HandlingOptions,
): Promise<EventOutcome> {
  const { signal, eventType, log, reply } = options;
  if (typeof lease === 'string') return lease;
  if ('state' in lease) {
    reply?.onReply(lease.reply);
    return 'handled-before';
  }
  if (signal.aborted) {
    void lease.release();
    return 'handler-timed-out';
  }
  lease.lost.addEventListener('abort', () => report(() => log.leaseLost(eventType)), { once: true });
  const either = AbortSignal.any([signal, lease.lost]);
  const aborted = () => (signal.aborted ? 'handler-timed-out' : 'lease-lost');
  return raceAbort(
    runHandler(lease, () => handler(either), options),
    either,
    aborted,
  );
}

async function runHandler(
  lease: RenewingLease,
  handler: () => unknown,
  { signal, eventType, log, reply }: HandlingOptions,
): Promise<EventOutcome> {
  let text: string | undefined;
  try {
    const returned = await handler();
    text = reply?.serialize(returned);
    // A repeat would not get a reply that the ledger cannot keep, so it is an error of the handler.
    checkReply(text);
  } catch (thrown) {
    report(() => log.handlerThrew(eventType, thrown));
    await lease.release();
    // A handler that heeds its signal throws because of it: that is no fault of its own.
    if (signal.aborted) return 'handler-timed-out';
    return lease.lost.aborted ? 'lease-lost' : 'handler-threw';
  }
  if (signal.aborted) report(() => log.handlerCompletedLate(eventType));
  if (!(await lease.complete(text))) return 'lease-lost';
  reply?.onReply(text);
  return 'handled';
}

/** A log that fails must not keep the lease. */
function report(write: () => void): void {
  try {
    write();
  } catch {
    // There is no other log.
  }
}

/**
 * Handles every event, `concurrency` at a time. A failure of one does not keep the others from being handled.
 *
 * @returns the outcomes, in the order of the events
 */
export async function handleAll<Event>(
  events: readonly Event[],
  concurrency: number,
  handle: (event: Event) => Promise<EventOutcome>,
): Promise<readonly EventOutcome[]> {
  const outcomes: EventOutcome[] = [];
  const queue = events.entries();
  async function work(): Promise<void> {
    // All workers share one iterator, so each event is taken once.
    for (const [index, event] of queue) {
      try {
        outcomes[index] = await handle(event);
      } catch {
        outcomes[index] = 'delivery-threw';
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, events.length) }, work));
  return outcomes;
}

/** The worst first: a throw outweighs everything, because only the user can fix it. */
const BY_WEIGHT = [
  'delivery-threw',
  'handler-threw',
  'ledger-unavailable',
  'lease-lost',
  'handler-timed-out',
  'delivery-in-progress',
] as const;

/** The reason to refuse a request. Completed events stay completed, so a retry handles only the rest. */
export const reasonAmong = (outcomes: readonly EventOutcome[]): Reason | undefined =>
  BY_WEIGHT.find((reason) => outcomes.includes(reason));
