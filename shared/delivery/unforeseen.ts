import { Outage } from '../errors.ts';
import type { Reason } from '../reasons.ts';

/** Before the proof everything unforeseen is the sender's doing; after it, it is ours. */
export function unforeseen(thrown: unknown, proved: boolean): Reason {
  if (!proved) return 'check-threw';
  return thrown instanceof Outage ? thrown.reason : 'delivery-threw';
}
