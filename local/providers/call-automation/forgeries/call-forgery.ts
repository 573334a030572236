import type { OutageReason } from '../../../../shared/reasons.ts';
import { rs256 } from '../../../fakes/token.ts';
import type { Part } from '../../../fakes/token.ts';
import type { OutgoingRequest } from '../../../http/request.ts';
import { forgery as anyForgery, withToken } from '../../forgery.ts';
import type { Forgery } from '../../forgery.ts';
import type { GenuineCall } from '../requests.ts';

export type CallForgery = Forgery<GenuineCall>;

/** A forged callback or upgrade that is refused with 401. */
export const forgery = anyForgery<GenuineCall>;

/** Signed by the issuer itself, but with a header or claims that it never writes. */
export function signed(genuine: GenuineCall, change: { header?: Part; claims?: Part }): OutgoingRequest {
  const { acs } = genuine;
  return withToken(
    genuine,
    rs256(merged(acs.header(), change.header), merged(acs.claims(), change.claims), acs.signingKey()),
  );
}

/** A member that is `undefined` in the change is left out. Text replaces the whole part. */
function merged(part: Record<string, unknown>, change: Part = {}): Part {
  return typeof change === 'string' ? change : { ...part, ...change };
}

/**
 * A forgery with an unknown key id. The first in ten seconds is refused, after a request to the issuer or the vault. The
 * others are answered 503, because no further request may be made yet.
 */
export const withUnknownId = (refused: CallForgery, unconfirmed: OutageReason): CallForgery => ({
  ...refused,
  alternatively: { status: 503, reason: unconfirmed },
});
