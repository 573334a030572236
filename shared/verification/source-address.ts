import { BlockList, isIP } from 'node:net';
import type { RejectionReason } from '../reasons.ts';
import type { Check, ReceivedRequest } from './check.ts';
import { reject } from './verdict.ts';

/**
 * Where each sender's requests come from, in CIDR form. Every customer of the sender shares these addresses: they are
 * defence in depth and prove nothing. Event Grid publishes none that stay: its service tag changes by the week.
 */
export const publishedRanges = {
  /**
   * "Call Automation callback URLs", as listed in
   * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
   * The page is dated 19 June 2023; compared on 23 November 2026.
   */
  'call-automation': [
    '52.112.0.0/14',
    '52.122.0.0/15',
    '2603:1027::/48',
    '2603:1037::/48',
    '2603:1047::/48',
    '2603:1057::/48',
    '2603:1063::/38',
    '2620:1ec:6::/48',
    '2620:1ec:40::/42',
  ],
  /** https://developer.vonage.com/en/video/getting-started/allowed-ip-addresses, January 2024 */
  vonage: ['216.147.0.0/18'],
} as const;

/** Whether an address outside the ranges is refused, only reported, or not looked at. */
export type SourceAddressMode = 'off' | 'report' | 'enforce';

/**
 * Holds the client's address against the sender's ranges.
 *
 * @param trustedHops proxies of ours that append to X-Forwarded-For: 1 is the front end of App Service alone
 */
export function sourceAddress(options: {
  mode: SourceAddressMode;
  ranges: readonly string[];
  trustedHops: number;
}): Check {
  const { mode, trustedHops } = options;
  // Made for the first request that is looked at: an app starts with seven of these checks.
  let ranges: BlockList | undefined;
  return {
    name: 'source-address',
    run({ headers }) {
      if (mode === 'off') return {};
      const finding = find(headers);
      if (finding && mode === 'enforce') reject(finding);
      return finding ? { reported: [finding] } : {};
    },
  };

  function find(headers: ReceivedRequest['headers']): RejectionReason | undefined {
    const address = clientAddress(headers.get('x-forwarded-for'), trustedHops);
    if (!address) return 'source-address-unknown';
    ranges ??= blockList(options.ranges);
    return ranges.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
      ? undefined
      : 'source-address-foreign';
  }
}

/**
 * The address that the outermost of our own proxies saw. Proxies append on the right; whatever stands further left is
 * the caller's own words.
 */
export function clientAddress(forwardedFor: string | null, trustedHops: number): string | undefined {
  const entry = entryFromRight(forwardedFor ?? '', trustedHops).trim();
  // `ip:port` (App Service), `[v6]:port`, `[v6]`, or the bare address.
  const [, bracketed, , plainV4] = /^(?:\[([^\]]+)\](:\d+)?|([\d.]+)(?::\d+)?)$/.exec(entry) ?? [];
  const address = bracketed ?? plainV4 ?? entry;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return isIP(mapped ?? address) === 0 ? undefined : (mapped ?? address);
}

/** The entry of a list that is `place` from its right end, 1 being the last; empty where there are fewer. */
function entryFromRight(list: string, place: number): string {
  let end = list.length;
  for (let hop = 1; hop < place; hop++) {
    end = list.lastIndexOf(',', end - 1);
    if (end <= 0) return '';
  }
  return list.slice(list.lastIndexOf(',', end - 1) + 1, end);
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    // A colon tells the two apart as `isIP` does, whose pattern takes milliseconds to compile: this runs at the start.
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
