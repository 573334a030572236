import { referenceBinding } from '../../shared/calls/reference.ts';
import type { Clock } from '../../shared/clock.ts';
import type { BindingMode } from '../../shared/delivery/bindings.ts';
import { REMINTED_SECONDS } from '../../shared/delivery/call-bindings.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { RejectionReason } from '../../shared/reasons.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';
import type { Proof } from '../../shared/verification/verdict.ts';

/** What the ledger knows a stream by: the one call that it is of, and what for. */
export const ticketKey = ({ purpose, reference }: Proof) => `media-ticket:${purpose}:${reference}`;

/** The call that the sender says it streams: a header that no signature covers. */
export function callConnectionIdOf({ headers }: Pick<ReceivedRequest, 'headers'>): string | undefined {
  const id = headers.get('x-ms-call-connection-id') ?? '';
  return /^[\w-]{1,128}$/.test(id) ? id : undefined;
}

/**
 * Holds a proved upgrade against what came before it, as the callbacks of the call are held: one token, one use, and one
 * reference, one call. A token that came with a callback opens no socket, and the other way round.
 *
 * Throws an `Outage` where the ledger cannot say.
 *
 * @param onReport told what a stricter setting would have refused
 * @returns the reason to refuse it, if there is one
 */
export async function holdUpgrade(
  options: {
    ledger: Ledger;
    tokenReuse: BindingMode;
    callBinding: BindingMode;
    toleranceSeconds: number;
    clock: Clock;
  },
  proof: Proof,
  callConnectionId: string | undefined,
  onReport: (reason: RejectionReason) => void,
): Promise<RejectionReason | undefined> {
  const { ledger, tokenReuse, callBinding, toleranceSeconds, clock } = options;
  const { token, reference = '', referenceExpires = 0 } = proof;
  const secondsUntil = (expires: number) => expires - clock.now() + toleranceSeconds;

  if (token) {
    const use = ticketKey(proof);
    const held = await ledger.bind(`token:${token.id}`, use, secondsUntil(token.expires));
    if (held !== use) {
      // Without a jti two genuine tokens of the same second may be equal.
      if (token.unique || tokenReuse === 'enforce') return 'token-reused';
      onReport('token-reused');
    }
  }
  if (callConnectionId !== undefined) {
    const seconds = secondsUntil(referenceExpires) + REMINTED_SECONDS;
    const held = await ledger.bind(referenceBinding(reference), callConnectionId, seconds);
    if (held !== callConnectionId) {
      if (callBinding === 'enforce') return 'reference-of-another-call';
      onReport('reference-of-another-call');
    }
  }
  return undefined;
}
