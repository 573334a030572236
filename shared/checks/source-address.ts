import type { Settings } from '../settings.ts';
import type { Check } from '../verification/check.ts';
import { publishedRanges, sourceAddress } from '../verification/source-address.ts';

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
