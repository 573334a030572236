import type { Proving } from '../proving.ts';
import type { VonageKind } from '../events/vonage.ts';
import type { VonageRings } from '../secrets/vonage.ts';
import type { Check } from '../verification/check.ts';
import { bodyHash, vonageToken } from '../verification/vonage-token.ts';
import type { VonageProject } from '../verification/vonage-token.ts';
import { sourceAddressCheck } from './source-address.ts';

/** Of `POST /api/callbacks/vonage/{kind}`, in their order: each kind has signature secrets of its own. */
export function vonageChecks(
  { settings, clock }: Proving,
  projects: readonly VonageProject[],
  rings: VonageRings,
  kind: VonageKind,
): readonly Check[] {
  return [
    sourceAddressCheck(settings, 'vonage'),
    vonageToken({
      projects,
      secrets: rings.secretsOf(kind),
      maxAgeSeconds: settings.VONAGE_MAX_AGE_SECONDS,
      toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
      clock,
    }),
    bodyHash,
  ];
}
