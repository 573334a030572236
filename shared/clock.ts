import { setTimeout as elapse } from 'node:timers/promises';

/** Time for the rest of Ringward. It is passed in, so that tests move it instead of sleeping. */
export type Clock = {
  /** Seconds since the epoch, to compare with the times in a token or a key. May step. */
  now(): number;
  /** Monotonic milliseconds, for intervals, ages and back-off. */
  ticks(): number;
  /** Calls `wake` once after `milliseconds`. Returns the function that cancels it. */
  after(milliseconds: number, wake: () => void): () => void;
  /** Resolves after `milliseconds`; rejects when the signal aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

// Unreferenced: a timer for a later refresh must not keep the process alive.
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  ticks: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, milliseconds).unref();
    return () => clearTimeout(timer);
  },
  sleep: (milliseconds, signal) => elapse(milliseconds, undefined, { ref: false, ...(signal && { signal }) }),
};
