import type { Settings } from '../settings.ts';
import type { Check } from '../verification/check.ts';
import { publishedRanges, sourceAddress } from '../verification/source-address.ts';

/** The check of a sender's address, as the settings say. */
export const sourceAddressCheck = (settings: Settings, sender: keyof typeof publishedRanges): Check =>
  sourceAddress({
    mode: settings.SOURCE_ADDRESSES,
    ranges: [...publishedRanges[sender], ...settings.SOURCE_ADDRESS_RANGES],
    trustedHops: settings.TRUSTED_PROXY_HOPS,
  });
