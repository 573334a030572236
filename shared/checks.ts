import type { Assembly } from './assembly.ts';
import type { Settings } from './settings.ts';
import { callAutomationToken } from './verification/call-automation-token.ts';
import { callbackKey } from './verification/callback-key.ts';
import type { Check } from './verification/check.ts';
import { mediaTicket } from './verification/media-ticket.ts';
import { publishedRanges, sourceAddress } from './verification/source-address.ts';

/**
 * The check of a sender's address, as the settings say.
 *
 * @param streaming whether a caller can replace the headers that are seen
 */
export const sourceAddressCheck = (
  settings: Settings,
  sender: keyof typeof publishedRanges,
  streaming: boolean,
): Check =>
  sourceAddress({
    mode: settings.SOURCE_ADDRESSES,
    ranges: [...publishedRanges[sender], ...settings.SOURCE_ADDRESS_RANGES],
    trustedHops: settings.TRUSTED_PROXY_HOPS,
    streaming,
  });

/** The checks of Call Automation, as the settings say: of its callbacks, its sockets, and what a proxy asks about them. */
export function callAutomationChecks(assembly: Assembly, audiences: readonly string[]) {
  const { settings, clock, callAutomationKeys: keys, callbackRing: ring } = assembly;
  const toleranceSeconds = settings.CLOCK_TOLERANCE_SECONDS;
  const minted = { ring, ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS, toleranceSeconds, clock };
  const token = (lifeSeconds: number) =>
    callAutomationToken({
      rules: { issuers: [settings.ACS_ISSUER], audiences, lifeSeconds, toleranceSeconds },
      keys,
      clock,
    });
  return {
    callbackKey: callbackKey({ ...minted, purpose: 'callback', parameter: 'key' }),
    callbackToken: token(settings.CALLBACK_TOKEN_LIFE_SECONDS),
    mediaTicket: mediaTicket(minted),
    mediaToken: token(settings.MEDIA_TOKEN_LIFE_SECONDS),
  };
}
