import { reject } from '../errors.ts';
import type { Proving } from '../proving.ts';
import { callAutomationToken } from '../verification/call-automation-token.ts';
import { callbackKey, mediaTicket, onOriginalUri } from '../verification/callback-key.ts';
import type { Check } from '../verification/check.ts';
import { sourceAddressCheck } from '../verification/source-address.ts';

/** Of `POST /api/callbacks/call-automation`, in their order. */
export const callbackChecks = (proving: Proving, audiences: readonly string[]): readonly Check[] => [
  sourceAddressCheck(proving.settings, 'call-automation', proving.settings.HTTP_STREAM === 'on'),
  keyCheck(proving),
  tokenCheck(proving, audiences, proving.settings.CALLBACK_TOKEN_LIFE_SECONDS),
];

/**
 * Of the upgrade of a socket, in their order: those of a callback, with the ticket in the place of the callback key and
 * the longer life of a media token. Node reads its headers, so nothing in the request can replace them.
 */
export const upgradeChecks = (proving: Proving, audiences: readonly string[]): readonly Check[] => [
  sourceAddressCheck(proving.settings, 'call-automation', false),
  ticketCheck(proving),
  tokenCheck(proving, audiences, proving.settings.MEDIA_TOKEN_LIFE_SECONDS),
];

/** Asked for neither of them, or for both. */
const noPurpose: Check = { name: 'sub-request', run: async () => reject('sub-request-purpose') };

/** Of `GET /api/authorize`, by its URL: what a proxy asks for decides what is checked. */
export function authorizeChecks(
  proving: Proving,
  audiences: readonly string[],
): (url: URL) => readonly Check[] {
  const { CALLBACK_TOKEN_LIFE_SECONDS, MEDIA_TOKEN_LIFE_SECONDS } = proving.settings;
  const token = (lifeSeconds: number) => tokenCheck(proving, audiences, lifeSeconds);
  const checks = new Map<string, readonly Check[]>([
    ['callback', [onOriginalUri(keyCheck(proving)), token(CALLBACK_TOKEN_LIFE_SECONDS)]],
    ['media', [onOriginalUri(ticketCheck(proving)), token(MEDIA_TOKEN_LIFE_SECONDS)]],
  ]);
  return (url) => checks.get(url.searchParams.getAll('for').join()) ?? [noPurpose];
}

const keyCheck = (proving: Proving) =>
  callbackKey({ ...mintedWith(proving), purpose: 'callback', parameter: 'key' });
const ticketCheck = (proving: Proving) => mediaTicket(mintedWith(proving));

const mintedWith = ({ settings, clock, callbackSecret: secret }: Proving) => ({
  secret,
  ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS,
  toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
  clock,
});

const tokenCheck = (
  { settings, clock, callAutomationKeys: keys }: Proving,
  audiences: readonly string[],
  lifeSeconds: number,
) =>
  callAutomationToken({
    rules: {
      issuers: [settings.ACS_ISSUER],
      audiences,
      lifeSeconds,
      toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
    },
    keys,
    clock,
  });
