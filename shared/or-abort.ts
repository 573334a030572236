import { Outage } from './outage.ts';
import type { OutageReason } from './reasons.ts';

/** The end of the work, or what is made of the abort of the signal, whichever comes first. */
export async function untilAbort<Result>(
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
export async function orAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  outage: OutageReason,
): Promise<Result> {
  try {
    return await untilAbort(work, signal, () => {
      throw new Outage(outage);
    });
  } catch (thrown) {
    throw signal.aborted ? new Outage(outage) : thrown;
  }
}
