import { andThen, isPending, orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { LedgerKey, Ledger } from '../ledger/ledger.ts';
import { claimEvent } from './claim-event.ts';
import type { ClaimingOptions, EventClaim } from './claim-event.ts';

/** The claims of the events of one request. */
export type EventClaims<Event extends LedgerKey> = {
  /** The claim of an event whose turn has come. */
  of(event: Event): Awaitable<EventClaim>;
  /** Gives back what was claimed and never came to its turn. */
  giveBackUnused(): Awaitable<void>;
};

/**
 * So many are claimed at once, ahead of their turn: all in one transaction where they are of one partition, since a
 * table takes a hundred rows in one and an event takes two at most. A claim that waits for its turn is kept as well.
 */
const AT_ONCE = 50;

/** Begins to claim the events of a request, in their order. */
export function claimEvents<Event extends LedgerKey>(
  events: readonly Event[],
  ledger: Ledger,
  options: ClaimingOptions,
): EventClaims<Event> {
  const claims = new Map<Event, Awaitable<EventClaim>>();
  let next = 0;

  function claimNext(): void {
    const some = events.slice(next, next + AT_ONCE);
    next += AT_ONCE;
    for (const event of some) {
      // Looked at when its turn comes, which may be never: also what it threw at once.
      const claim = orElse<EventClaim>(
        () => claimEvent(event, ledger, options),
        (thrown) => Promise.reject(thrown),
      );
      if (isPending(claim)) claim.catch(() => {});
      claims.set(event, claim);
    }
  }
  claimNext();

  async function giveBackAll(): Promise<void> {
    const unused = await Promise.allSettled(claims.values());
    const kept = unused.flatMap((one) =>
      one.status === 'fulfilled' && typeof one.value !== 'string' ? [one.value] : [],
    );
    await Promise.all(kept.map((claim) => claim.giveBack()));
  }

  return {
    of(event) {
      if (!claims.has(event)) claimNext();
      return andThen(claims.get(event) ?? 'delivery-in-progress', (claim) => {
        claims.delete(event);
        // What was busy ahead of its turn may be another event of this request that is done by now.
        return claim === 'delivery-in-progress' && events.length > 1
          ? claimEvent(event, ledger, options)
          : claim;
      });
    },
    giveBackUnused: () => (claims.size > 0 ? giveBackAll() : undefined),
  };
}
