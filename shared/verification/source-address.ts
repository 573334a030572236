import { BlockList, isIP } from 'node:net';
import type { RejectionReason } from '../reasons.ts';
import type { Settings } from '../settings.ts';
import { reject } from './check.ts';
import type { Check, ReceivedRequest } from './check.ts';

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
 * @param streaming whether the platform's streaming mode is on
 */
export function sourceAddress(options: {
  mode: SourceAddressMode;
  ranges: readonly string[];
  trustedHops: number;
  streaming: boolean;
}): Check {
  const { mode, trustedHops, streaming } = options;
  // Made for the first request that is looked at: an app starts with seven of these checks.
  let ranges: BlockList | undefined;
  return {
    name: 'source-address',
    run(request) {
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

/**
 * In streaming mode the platform lets a query parameter, or a member of a JSON object in the body, that is called
 * `headers` take the place of the headers that it passes on, X-Forwarded-For among them. Its parser takes more than
 * JSON, so a body that we cannot read may hold such a member as well.
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
