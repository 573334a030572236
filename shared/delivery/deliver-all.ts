import { andThen, orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Reason } from '../reasons.ts';
import type { EventOutcome } from './deliver-event.ts';

/**
 * Delivers every event, `concurrency` at a time, and whatever becomes of one, the others are delivered as well.
 *
 * @returns the outcomes, in the order of the events
 */
export function deliverAll<Event>(
  events: readonly Event[],
  concurrency: number,
  deliver: (event: Event) => Awaitable<EventOutcome>,
): Awaitable<readonly EventOutcome[]> {
  const outcomeOf = (event: Event) =>
    orElse<EventOutcome>(
      () => deliver(event),
      () => 'delivery-threw',
    );
  // Most requests bring one, which need not be waited for where its handler need not.
  if (events.length === 1) return andThen(outcomeOf(events[0] as Event), (outcome) => [outcome]);
  return deliverMany(events, concurrency, outcomeOf);
}

async function deliverMany<Event>(
  events: readonly Event[],
  concurrency: number,
  outcomeOf: (event: Event) => Awaitable<EventOutcome>,
): Promise<readonly EventOutcome[]> {
  const outcomes: EventOutcome[] = [];
  const queue = events.entries();
  async function work(): Promise<void> {
    // One iterator for all workers: each takes the next event that nobody has taken.
    for (const [index, event] of queue) outcomes[index] = await outcomeOf(event);
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
