import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ReplayRule, RuleMode, ReplayRulesOf } from './bindings.ts';
import { referenceName } from '../calls/uris.ts';
import type { VerifiedCallEvent } from './call-automation.ts';

/** A call does not last longer than a key and this, in seconds. */
export const REMINTED_SECONDS = 2 * 86_400;

/**
 * What a Call Automation request binds: its token to its body, and the call reference of its URI to its call. Neither is
 * bound by a claim of the token.
 *
 * A token with a `jti` is like no other, so a second body under it is a forgery whatever the mode. Without one, two
 * genuine tokens of the same second may be equal.
 */
export function callBindings(options: {
  tokenReuse: RuleMode;
  callBinding: RuleMode;
  toleranceSeconds: number;
  clock: Clock;
}): ReplayRulesOf<VerifiedCallEvent> {
  const { tokenReuse, callBinding, toleranceSeconds, clock } = options;
  const secondsUntil = (expires: number) => expires - clock.now() + toleranceSeconds;

  return function replayRules({ token, reference, referenceExpires = 0 }, body, events) {
    const bindings: ReplayRule[] = [];
    if (token) {
      bindings.push({
        name: `token:${token.id}`,
        value: hashOf(body),
        seconds: secondsUntil(token.expires),
        mode: token.unique ? 'enforce' : tokenReuse,
        conflict: 'token-reused',
      });
    }
    if (!reference) return bindings;
    for (const callConnectionId of callsOf(events)) {
      bindings.push({
        name: referenceName(reference),
        value: callConnectionId,
        // Keys are minted again for the same call, so the binding outlives the first of them by far.
        seconds: secondsUntil(referenceExpires) + REMINTED_SECONDS,
        mode: callBinding,
        conflict: 'reference-of-another-call',
      });
    }
    return bindings;
  };
}

/** An event that names no call neither binds nor conflicts. */
function callsOf(events: readonly VerifiedCallEvent[]): Set<string> {
  const ids = new Set<string>();
  for (const { event } of events) {
    const id: unknown = event.data.callConnectionId;
    if (typeof id === 'string' && id !== '') ids.add(asBound(id));
  }
  return ids;
}

/** Longer than a call is ever named. */
const LONGEST_NAME = 256;

/** A ledger takes no value of any length, nor half a character: it would be out for everybody. */
const asBound = (id: string) =>
  id.length <= LONGEST_NAME && id.isWellFormed() ? id : hashOf(Buffer.from(id, 'utf16le'));

const hashOf = (bytes: Uint8Array) => hash('sha256', bytes, 'base64url');
