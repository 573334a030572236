import type { Clock } from '../shared/clock.ts';
import type { Reason } from '../shared/reasons.ts';
import type { KeySet } from '../shared/verification/key-set.ts';

/** The outages that refuse genuine sockets. `ticket-in-use` refuses only the second socket of one ticket. */
const OUTAGES: ReadonlySet<Reason> = new Set<Reason>([
  'callback-secret-unavailable',
  'keys-unavailable',
  'ledger-unavailable',
  'sockets-exhausted',
]);

/** How long an outage counts after an upgrade met it. Then the next upgrade has to find out. */
const OUTAGE_MEMORY_MS = 10_000;

export type Health = {
  /** Call when an upgrade was refused, for an outage or another reason. */
  recordFailure(reason: Reason): void;
  /** Call when an upgrade succeeded: then there is no outage. */
  recordSuccess(): void;
  /** The current outage, from what this instance already knows. */
  currentOutage(): Reason | undefined;
};

/** @param options.maxStaleSeconds maximum age of the issuer's keys */
export function health(options: {
  keys: Pick<KeySet, 'age'>;
  maxStaleSeconds: number;
  clock: Clock;
}): Health {
  const { keys, maxStaleSeconds, clock } = options;
  let last: { reason: Reason; at: number } | undefined;
  return {
    recordFailure(reason) {
      if (OUTAGES.has(reason)) last = { reason, at: clock.ticks() };
    },
    recordSuccess() {
      last = undefined;
    },
    currentOutage() {
      if ((keys.age() ?? Number.POSITIVE_INFINITY) > maxStaleSeconds) return 'keys-unavailable';
      return last && clock.ticks() - last.at < OUTAGE_MEMORY_MS ? last.reason : undefined;
    },
  };
}

const CHECK_INTERVAL_MS = 15_000;

/**
 * Fetches the issuer's keys, and refreshes them before they are too old. Unhealthy instances get no upgrades, so recovery
 * must not depend on upgrades. Never resolves.
 */
export async function keepWarm(
  keys: Pick<KeySet, 'age' | 'warm'>,
  maxStaleSeconds: number,
  clock: Clock,
): Promise<void> {
  for (;;) {
    if ((keys.age() ?? Number.POSITIVE_INFINITY) > maxStaleSeconds / 2) await keys.warm();
    await clock.sleep(CHECK_INTERVAL_MS);
  }
}
