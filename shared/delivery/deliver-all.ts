import type { Reason } from '../reasons.ts';
import type { EventOutcome } from './deliver-event.ts';

/**
 * Delivers every event, `concurrency` at a time, and whatever becomes of one, the others are delivered as well.
 *
 * @returns the outcomes, in the order of the events
 */
export async function deliverAll<Event>(
  events: readonly Event[],
  concurrency: number,
  deliver: (event: Event) => Promise<EventOutcome>,
): Promise<readonly EventOutcome[]> {
  const outcomes: EventOutcome[] = [];
  const queue = events.entries();
  async function work(): Promise<void> {
    // One iterator for all workers: each takes the next event that nobody has taken.
    for (const [index, event] of queue) outcomes[index] = await deliver(event).catch(() => 'delivery-threw');
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, events.length) }, work));
  return outcomes;
}

/**
 * Why a request is not answered 200: a throw outweighs everything, since it is the user's to mend; what is settled
 * stays settled, so that the redelivery handles only the rest.
 */
export function reasonAmong(outcomes: readonly EventOutcome[]): Reason | undefined {
  const order = [
    'delivery-threw',
    'handler-threw',
    'ledger-unavailable',
    'handler-timed-out',
    'delivery-in-progress',
  ] as const;
  return order.find((reason) => outcomes.includes(reason));
}
