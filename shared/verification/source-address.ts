import { BlockList, isIP } from 'node:net';
import { reject } from '../errors.ts';
import type { RejectionReason } from '../reasons.ts';
import type { Settings } from '../settings.ts';
import type { Check, ReceivedRequest } from './check.ts';

/**
 * The published addresses of each sender, in CIDR form. Every customer of the sender shares them, so they are defence in
 * depth and authenticate nobody. Event Grid publishes no lasting ones: its service tag changes weekly.
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

/** Whether an address outside the ranges is rejected, only reported, or not checked. */
export type SourceAddressMode = 'off' | 'report' | 'enforce';

/**
 * Checks the client's address against the sender's ranges.
 *
 * @param trustedHops proxies of ours that append to X-Forwarded-For: 1 is the front end of App Service alone
 * @param streaming whether the platform's streaming mode is on
 */
export function sourceAddress(options: {
  mode: SourceAddressMode;
  ranges: readonly string[];
  trustedHops: number;
  streaming: boolean;
}): Check {
  const { mode, trustedHops, streaming } = options;
  // Made for the first request that is checked: an app starts with seven of these checks.
  let ranges: BlockList | undefined;
  return {
    name: 'source-address',
    async run(request) {
      if (mode === 'off') return {};
      const finding =
        streaming && mayReplaceHeaders(request) ? 'source-address-unknown' : find(request.headers);
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

/**
 * In streaming mode a query parameter `headers`, or a member `headers` of a JSON body, replaces the headers that the
 * platform passes on, X-Forwarded-For included. Its parser accepts more than JSON, so a body that is not JSON may have
 * such a member too.
 */
export function mayReplaceHeaders({ url, body }: Pick<ReceivedRequest, 'url' | 'body'>): boolean {
  const isHeaders = (name: string) => name.toLowerCase() === 'headers';
  if ([...url.searchParams.keys()].some(isHeaders)) return true;
  if (body.length === 0) return false;
  try {
    const document: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof document === 'object' && document !== null && Object.keys(document).some(isHeaders);
  } catch {
    return true;
  }
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

/**
 * The check of a sender's address, configured by the settings.
 *
 * @param streaming whether a caller can replace the headers that the app sees
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
