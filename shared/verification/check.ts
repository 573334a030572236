import { andThen, orElse } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { Outage } from '../outage.ts';
import { Rejection } from './verdict.ts';
import type { Proof, Verdict } from './verdict.ts';

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
