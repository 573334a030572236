import type { OutageReason, Reason, RejectionReason } from '../reasons.ts';

/** What the checks found out about a request; later checks add to it. Holds nothing secret. */
export type Proof = {
  /** The call reference that the callback key carries: 128 random bits in base64url. */
  readonly reference?: string;
  /** The issuer of the token. */
  readonly sender?: string;
  /** Eight hex digits of the SHA-256 of the decoded signature: tells two tokens apart in a log. */
  readonly tokenFingerprint?: string;
  /** Seconds since the issuer's keys were fetched. */
  readonly keyAge?: number;
  /** What would have been refused under a stricter setting. */
  readonly reported?: readonly Reason[];
};

export type Verdict =
  | { readonly outcome: 'accepted'; readonly proof: Proof }
  | { readonly outcome: 'rejected'; readonly reason: RejectionReason }
  | { readonly outcome: 'unavailable'; readonly reason: OutageReason };

/** Thrown inside a check: the sender is wrong or forged. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason) {
    super(reason);
    this.reason = reason;
  }
}

export function reject(reason: RejectionReason): never {
  throw new Rejection(reason);
}
