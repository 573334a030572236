import type { Awaitable } from './awaitable.ts';
import type { Clock } from './clock.ts';

/** A signal that aborts after some time, unless it is cleared before. */
export type Deadline = { readonly signal: AbortSignal; clear(): void };

export function deadline(clock: Clock, milliseconds: number): Deadline {
  const late = new AbortController();
  return { signal: late.signal, clear: clock.after(milliseconds, () => late.abort()) };
}

/** Does work under a deadline, which ends with the work. */
export async function within<Result>(
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
