import { setTimeout as timer } from 'node:timers/promises';

/** Time as the rest of Ringward sees it; handed in, so that tests move it instead of sleeping. */
export type Clock = {
  /** Seconds since the epoch, for comparing with what others wrote into a token or a key. May step. */
  now(): number;
  /** Milliseconds that only ever grow, for intervals, ages and back-off. */
  ticks(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  ticks: () => performance.now(),
  // Not `ref`ed: waiting for a later refresh must not keep a process from ending.
  sleep: (milliseconds, signal) => timer(milliseconds, undefined, { signal, ref: false }),
};
