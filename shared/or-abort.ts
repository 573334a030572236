import { Outage } from './outage.ts';
import type { OutageReason } from './reasons.ts';

/**
 * Waits for work, but no longer than the signal allows. Our own deadline running out while we wait is an outage of
 * ours, not a fault of the sender.
 */
export async function orAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  outage: OutageReason,
): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Outage(outage));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } catch (thrown) {
    throw signal.aborted ? new Outage(outage) : thrown;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
