import { BlockList, isIP } from 'node:net';
import { reject } from '../errors.ts';
import type { RejectionReason } from '../reasons.ts';
import type { Check, ReceivedRequest } from './check.ts';

/** Checks the client's address against the sender's published ranges and those of the settings. */
export function sourceAddressCheck(
  settings: {
    readonly SOURCE_ADDRESSES: 'off' | 'report' | 'enforce';
    readonly SOURCE_ADDRESS_RANGES: readonly string[];
    readonly TRUSTED_PROXY_HOPS: number;
  },
  published: readonly string[],
): Check {
  const { SOURCE_ADDRESSES: mode, TRUSTED_PROXY_HOPS: trustedHops } = settings;
  // Made for the first request that is checked: an app starts with several of these checks.
  let ranges: BlockList | undefined;
  return {
    name: 'source-address',
    async run({ headers }) {
      if (mode === 'off') return {};
      const finding = find(headers);
      if (finding && mode === 'enforce') reject(finding);
      return finding ? { reported: [finding] } : {};
    },
  };

  function find(headers: ReceivedRequest['headers']): RejectionReason | undefined {
    const address = clientAddress(headers.get('x-forwarded-for'), trustedHops);
    if (!address) return 'source-address-unknown';
    ranges ??= blockList([...published, ...settings.SOURCE_ADDRESS_RANGES]);
    return ranges.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
      ? undefined
      : 'source-address-foreign';
  }
}

/**
 * The address that the outermost of our own proxies saw. Proxies append on the right; the caller can write anything
 * further left.
 */
export function clientAddress(forwardedFor: string | null, trustedHops: number): string | undefined {
  const entry = (forwardedFor ?? '').split(',').at(-trustedHops)?.trim() ?? '';
  // `ip:port` (App Service), `[v6]:port`, `[v6]`, or the bare address.
  const [, bracketed, , plainV4] = /^(?:\[([^\]]+)\](:\d+)?|([\d.]+)(?::\d+)?)$/.exec(entry) ?? [];
  const address = bracketed ?? plainV4 ?? entry;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return isIP(mapped ?? address) === 0 ? undefined : (mapped ?? address);
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    // A colon tells the two families apart.
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether `text` is an address range in CIDR form, for the settings. */
export function isRange(text: string): boolean {
  const [network = '', prefix = '', ...rest] = text.split('/');
  const version = isIP(network);
  return (
    rest.length === 0 &&
    version !== 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (version === 4 ? 32 : 128)
  );
}
