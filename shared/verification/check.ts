import { andThen, orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { Outage } from '../errors.ts';
import type { OutageReason, Reason, RejectionReason } from '../reasons.ts';

/** What the checks found out about a request; later checks add to it. Holds nothing secret. */
export type Proof = {
  /** The call reference that the callback key carries: 128 random bits in base64url. */
  readonly reference?: string;
  /** When the callback key expires, in seconds since the epoch. */
  readonly referenceExpires?: number;
  /** What the media ticket was minted for. */
  readonly purpose?: 'media' | 'transcription';
  /** The issuer of the token. */
  readonly sender?: string;
  readonly token?: VerifiedToken;
  /** What the proved token was made of, for the log. */
  readonly claims?: ClaimsSummary;
  /** Seconds since the issuer's keys were fetched. */
  readonly keyAge?: number;
  /** Of Vonage: whose callback it is, and the hash of the body that it was signed for, in hex. */
  readonly project?: string;
  readonly payloadHash?: string;
  /** Of Vonage: what tells two callbacks with the same body apart. */
  readonly tokenId?: string;
  /** What would have been refused under a stricter setting. */
  readonly reported?: readonly Reason[];
};

/** What is remembered of a token, never the token itself. */
export type VerifiedToken = {
  /**
   * SHA-256 of the decoded signature, in base64url. RS256 has one signature for one content, so equal tokens have equal
   * ids, however they are spelled.
   */
  readonly id: string;
  /** Whether it has a `jti`: then no two tokens of the issuer are equal. */
  readonly unique: boolean;
  /** Seconds since the epoch. */
  readonly expires: number;
};

/** The names of a token's claims, and its times; no value of a claim. */
export type ClaimsSummary = {
  readonly names: readonly string[];
  /** From its start (`iat` or `nbf`, the earlier) to `exp`. */
  readonly lifeSeconds?: number;
  /** Since `iat`. */
  readonly ageSeconds?: number;
  /** Until `exp`; below zero within the tolerance. */
  readonly expiresInSeconds?: number;
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

/** One for each reason: a stack that nobody reads would be a good part of what it costs to refuse a forgery. */
const rejections = new Map<RejectionReason, Rejection>();

export function reject(reason: RejectionReason): never {
  const rejection = rejections.get(reason) ?? new Rejection(reason);
  rejections.set(reason, rejection);
  throw rejection;
}

/** A request as the checks see it: raw bytes and headers, nothing parsed. */
export type ReceivedRequest = {
  readonly url: URL;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
};

/**
 * One question about a request, given what the checks before it proved. Returns what it proved itself; throws a `Rejection` when the sender is wrong or forged, and
 * an `Outage` when we cannot tell right now.
 */
export type Check = {
  readonly name: string;
  readonly run: (request: ReceivedRequest, signal: AbortSignal, proved: Proof) => Awaitable<Proof>;
};

/**
 * Runs one check and turns whatever it does into a verdict. Only an `Outage` becomes `unavailable`: whoever can make a
 * check throw something else must not be able to make the answer anything but a refusal.
 */
export function judge(
  check: Check,
  request: ReceivedRequest,
  signal: AbortSignal,
  proved: Proof = {},
): Awaitable<Verdict> {
  return orElse(() => andThen(check.run(request, signal, proved), accepted), refused);
}

const accepted = (proof: Proof): Verdict => ({ outcome: 'accepted', proof });

function refused(thrown: unknown): Verdict {
  if (thrown instanceof Outage) return { outcome: 'unavailable', reason: thrown.reason };
  return { outcome: 'rejected', reason: thrown instanceof Rejection ? thrown.reason : 'check-threw' };
}
