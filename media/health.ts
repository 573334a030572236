import type { Clock } from '../shared/clock.ts';
import type { Reason } from '../shared/reasons.ts';
import type { KeySet } from '../shared/verification/key-set.ts';

/** What keeps genuine sockets out. A ticket that is in use keeps out only its own second socket. */
const OUTAGES: ReadonlySet<Reason> = new Set<Reason>([
  'callback-secret-unavailable',
  'keys-unavailable',
  'ledger-unavailable',
  'sockets-exhausted',
]);

/** How long an outage that an upgrade met counts, in milliseconds: then the next upgrade is to find out. */
const REMEMBERED = 10_000;

export type Health = {
  /** An upgrade was refused, be it for an outage or not. */
  met(reason: Reason): void;
  /** An upgrade was let in, so nothing is out. */
  well(): void;
  /** What is out, from what this instance already knows. */
  outage(): Reason | undefined;
};

/** @param maxStaleSeconds how old the issuer's keys may be */
export function health(options: {
  keys: Pick<KeySet, 'age'>;
  maxStaleSeconds: number;
  clock: Clock;
}): Health {
  const { keys, maxStaleSeconds, clock } = options;
  let last: { reason: Reason; at: number } | undefined;
  return {
    met(reason) {
      if (OUTAGES.has(reason)) last = { reason, at: clock.ticks() };
    },
    well() {
      last = undefined;
    },
    outage() {
      if ((keys.age() ?? Number.POSITIVE_INFINITY) > maxStaleSeconds) return 'keys-unavailable';
      return last && clock.ticks() - last.at < REMEMBERED ? last.reason : undefined;
    },
  };
}

/** How often the age of the keys is looked at, in milliseconds. */
const LOOKED_AT = 15_000;

/**
 * Fetches the issuer's keys, and again before they are too old to be used: an instance that says it is not well gets no
 * upgrades, and would never fetch them otherwise. Never ends.
 */
export async function keepKeys(
  keys: Pick<KeySet, 'age' | 'warm'>,
  maxStaleSeconds: number,
  clock: Clock,
): Promise<void> {
  for (;;) {
    if ((keys.age() ?? Number.POSITIVE_INFINITY) > maxStaleSeconds / 2) await keys.warm();
    await clock.sleep(LOOKED_AT);
  }
}
