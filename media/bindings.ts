import { referenceName } from '../shared/calls/uris.ts';
import type { Clock } from '../shared/clock.ts';
import type { ReplayRule, RuleMode } from '../shared/delivery/bindings.ts';
import { REMINTED_SECONDS } from '../shared/delivery/call-bindings.ts';
import type { ReceivedRequest, Proof } from '../shared/verification/check.ts';

/** What the ledger knows a stream by: the one call that it is of, and what for. */
export const ticketKey = ({ purpose, reference }: Proof) => `media-ticket:${purpose}:${reference}`;

/** The call that the sender says it streams: a header that no signature covers. */
export function callConnectionIdOf({ headers }: Pick<ReceivedRequest, 'headers'>): string | undefined {
  const id = headers.get('x-ms-call-connection-id') ?? '';
  return /^[\w-]{1,128}$/.test(id) ? id : undefined;
}

/**
 * What a proved upgrade binds, as the callbacks of the call do: its token to its use, and its reference to its call. A token
 * that came with a callback opens no socket, and the other way round.
 */
export function upgradeBindings(
  options: { tokenReuse: RuleMode; callBinding: RuleMode; toleranceSeconds: number; clock: Clock },
  proof: Proof,
  callConnectionId: string | undefined,
): readonly ReplayRule[] {
  const { tokenReuse, callBinding, toleranceSeconds, clock } = options;
  const { token, reference = '', referenceExpires = 0 } = proof;
  const secondsUntil = (expires: number) => expires - clock.now() + toleranceSeconds;
  const bindings: ReplayRule[] = [];
  if (token) {
    bindings.push({
      name: `token:${token.id}`,
      value: ticketKey(proof),
      seconds: secondsUntil(token.expires),
      // Without a jti two genuine tokens of the same second may be equal.
      mode: token.unique ? 'enforce' : tokenReuse,
      conflict: 'token-reused',
    });
  }
  if (callConnectionId !== undefined) {
    bindings.push({
      name: referenceName(reference),
      value: callConnectionId,
      seconds: secondsUntil(referenceExpires) + REMINTED_SECONDS,
      mode: callBinding,
      conflict: 'reference-of-another-call',
    });
  }
  return bindings;
}
