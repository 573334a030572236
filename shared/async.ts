import type { Clock } from './clock.ts';
import { Outage } from './errors.ts';
import type { OutageReason } from './reasons.ts';

/** A signal that aborts after some time, unless it is cleared first. */
export function deadline(clock: Clock, milliseconds: number): { signal: AbortSignal; clear(): void } {
  const late = new AbortController();
  return { signal: late.signal, clear: clock.after(milliseconds, () => late.abort()) };
}

/** Does work under a deadline. The timer ends with the work. */
export async function withTimeout<Result>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = deadline(clock, milliseconds);
  try {
    return await work(limit.signal);
  } finally {
    limit.clear();
  }
}

/** Does work at the first call and gives every caller its result. After a failure the next call does it again. */
export function memoizeAsync<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => {
    done ??= work().catch((fault: unknown) => {
      done = undefined;
      throw fault;
    });
    return done;
  };
}

/** The result of the work, or of `onAbort` once the signal aborts, whichever comes first. */
export async function raceAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  onAbort: () => Result | Promise<Result>,
): Promise<Result> {
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const listener = () => abort();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', listener, { once: true });
  try {
    return await Promise.race([work, aborted.then(onAbort)]);
  } finally {
    // The events of a batch share one signal, which would collect a listener for each of them.
    signal.removeEventListener('abort', listener);
  }
}

/**
 * Waits for work until the signal aborts. If our own deadline passes while we wait, that is our outage, not
 * the sender's fault.
 */
export async function orOutage<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  outage: OutageReason,
): Promise<Result> {
  try {
    return await raceAbort(work, signal, () => {
      throw new Outage(outage);
    });
  } catch (thrown) {
    throw signal.aborted ? new Outage(outage) : thrown;
  }
}
