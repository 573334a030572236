import type { OutageReason, RejectionReason } from './reasons.ts';

/** The sender is wrong or forged. Final: a retry of the same request is rejected again. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason) {
    super(reason);
    this.reason = reason;
  }
}

/** Rejects the request that is being checked. @throws Rejection */
export function reject(reason: RejectionReason): never {
  throw new Rejection(reason);
}

/**
 * A service that we depend on is not available. Becomes a 503 or 504, so only our own outages may throw it: a sender must not
 * be able to cause one.
 */
export class Outage extends Error {
  override readonly name = 'Outage';
  readonly reason: OutageReason;
  constructor(reason: OutageReason) {
    super(reason);
    this.reason = reason;
  }
}
