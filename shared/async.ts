import type { Awaitable } from './awaitable.ts';
import type { Clock } from './clock.ts';
import { Outage } from './errors.ts';
import type { OutageReason } from './reasons.ts';

/** A signal that aborts after some time, unless it is cleared before. */
export type Deadline = { readonly signal: AbortSignal; clear(): void };

export function deadline(clock: Clock, milliseconds: number): Deadline {
  const late = new AbortController();
  return { signal: late.signal, clear: clock.after(milliseconds, () => late.abort()) };
}

/** Does work under a deadline, which ends with the work. */
export async function withTimeout<Result>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Awaitable<Result>,
): Promise<Result> {
  const limit = deadline(clock, milliseconds);
  try {
    return await work(limit.signal);
  } finally {
    limit.clear();
  }
}

/** Does work when it is first asked for, and hands its result to everybody; work that failed is done again. */
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

/** The end of the work, or what is made of the abort of the signal, whichever comes first. */
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
    // A batch waits under one signal for each of its events.
    signal.removeEventListener('abort', listener);
  }
}

/**
 * Waits for work, but no longer than the signal allows. Our own deadline running out while we wait is an outage of
 * ours, not a fault of the sender.
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
