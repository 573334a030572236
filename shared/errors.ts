import type { OutageReason } from './reasons.ts';

/** Thrown for an outage of our own, and for nothing else: it is what becomes a 503, which nobody may be able to forge. */
export class Outage extends Error {
  override readonly name = 'Outage';
  readonly reason: OutageReason;
  constructor(reason: OutageReason) {
    super(reason);
    this.reason = reason;
  }
}
