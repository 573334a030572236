import type { Clock } from '../clock.ts';

/** Milliseconds before the second attempt; doubled with every failure, up to the longest. */
const SHORTEST = 10_000;
const LONGEST = 60_000;

/** Tells when something that failed may be tried again. */
export type BackOff = {
  succeeded(): void;
  failed(retryAfterSeconds?: number): void;
  /** Failures since the last success. */
  failures(): number;
  allowed(): boolean;
};

/**
 * Exponential back-off with jitter upward, so that instances which failed together do not come back together and none
 * comes sooner than its turn.
 *
 * @param random in [0, 1)
 * @param longestAskedFor a server may ask for more time than its turn, but for no more than this, in milliseconds
 */
export function backOff(clock: Clock, random: () => number, longestAskedFor: number): BackOff {
  let failures = 0;
  let retryAt = Number.NEGATIVE_INFINITY;
  return {
    succeeded() {
      failures = 0;
      retryAt = Number.NEGATIVE_INFINITY;
    },
    failed(retryAfterSeconds = 0) {
      const wait = Math.min(LONGEST, SHORTEST * 2 ** failures) * (1 + random() / 2);
      failures++;
      retryAt = clock.ticks() + Math.max(wait, Math.min(longestAskedFor, retryAfterSeconds * 1000));
    },
    failures: () => failures,
    allowed: () => clock.ticks() >= retryAt,
  };
}
