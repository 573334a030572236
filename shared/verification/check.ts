import { Outage, Rejection } from '../errors.ts';
import type { OutageReason, Reason, RejectionReason } from '../reasons.ts';

/** What the checks verified about a request. Each check adds to it. Holds nothing secret. */
export type Proof = {
  /** The call reference of the callback key: 128 random bits in base64url. */
  readonly reference?: string;
  /** When the callback key expires, in seconds since the epoch. */
  readonly referenceExpires?: number;
  /** The purpose of the media ticket. */
  readonly purpose?: 'media' | 'transcription';
  /** The issuer of the token. */
  readonly sender?: string;
  readonly token?: VerifiedToken;
  /** The names and times of the verified token's claims, for the log. */
  readonly claims?: ClaimsSummary;
  /** Seconds since the issuer's keys were fetched. */
  readonly keyAge?: number;
  /** The account or project at the sender. */
  readonly project?: string;
  /** Vonage: the application, where VONAGE_PROJECTS names it. */
  readonly application?: string;
  /** Vonage: whether the secret serves other kinds of callbacks as well. */
  readonly isSecretShared?: boolean;
  /** The hash of what the token or signature covers: of a body, in hex. */
  readonly payloadHash?: string;
  /** Tells two requests with the same body apart. */
  readonly tokenId?: string;
  /** What a stricter setting would have rejected. */
  readonly reported?: readonly Reason[];
};

/** What is remembered of a token; never the token itself. */
export type VerifiedToken = {
  /**
   * SHA-256 of the decoded signature, in base64url. RS256 makes one signature for one content, so equal tokens have
   * equal ids, however they are spelled.
   */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly expires: number;
};

/** The names of a token's claims, and its times. Holds no value of a claim. */
export type ClaimsSummary = {
  readonly names: readonly string[];
  /** From the start (`iat` or `nbf`, the earlier) to `exp`. */
  readonly lifeSeconds?: number;
  /** Since `iat`. */
  readonly ageSeconds?: number;
  /** Until `exp`; negative within the tolerance. */
  readonly expiresInSeconds?: number;
};

export type Verdict =
  | { readonly outcome: 'accepted'; readonly proof: Proof }
  | { readonly outcome: 'rejected'; readonly reason: RejectionReason }
  | { readonly outcome: 'unavailable'; readonly reason: OutageReason };

/** A request as the checks see it: raw bytes and headers, nothing parsed. */
export type ReceivedRequest = {
  readonly url: URL;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
};

/** One question about a request. */
export type Check = {
  readonly name: string;
  /** Whether it reads the body. */
  readonly needsBody?: true;
  /**
   * Returns what this check verified.
   *
   * @param verified by the checks before this one
   * @throws Rejection where the sender is wrong or forged, Outage where we cannot tell right now
   */
  readonly run: (request: ReceivedRequest, signal: AbortSignal, verified: Proof) => Promise<Proof>;
};

/**
 * Runs one check and turns the result into a verdict. Only an `Outage` becomes `unavailable`. Any other exception is a
 * rejection, because a sender may have caused it.
 */
export async function judge(
  check: Check,
  request: ReceivedRequest,
  signal: AbortSignal,
  verified: Proof = {},
): Promise<Verdict> {
  try {
    return { outcome: 'accepted', proof: await check.run(request, signal, verified) };
  } catch (thrown) {
    if (thrown instanceof Outage) return { outcome: 'unavailable', reason: thrown.reason };
    return { outcome: 'rejected', reason: thrown instanceof Rejection ? thrown.reason : 'check-threw' };
  }
}
