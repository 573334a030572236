import { Outage } from './outage.ts';
import type { OutageReason } from './reasons.ts';

/** One promise for each signal, however many wait for it: a listener each would cost more than what they wait for. */
const abortions = new WeakMap<AbortSignal, Promise<void>>();

/** Resolves when the signal aborts. For signals that end with a request or sooner: who waits stays with the signal. */
export function abortOf(signal: AbortSignal): Promise<void> {
  const known = abortions.get(signal);
  if (known) return known;
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  abortions.set(signal, promise);
  return promise;
}

/**
 * Waits for work, but no longer than the signal allows. Our own deadline running out while we wait is an outage of
 * ours, not a fault of the sender.
 */
export function orAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  outage: OutageReason,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    work.then(resolve, (thrown: unknown) => reject(signal.aborted ? new Outage(outage) : thrown));
    void abortOf(signal).then(() => reject(new Outage(outage)));
  });
}
