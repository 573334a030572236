import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import { baseUrlOf, isDevelopment, isLoopback } from '../../../shared/settings/table.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';

const CHECK = 'base URL';
const DEADLINE_MS = 5000;

/** The base of callback URIs must be a public address, and the app must answer there. */
export async function checkBaseUrl(context: Context): Promise<Finding[]> {
  const url = baseUrlOf(context.settings);
  if (!canAsk(context, 'CALLBACK_BASE_URL', url)) return [];
  const local = isDevelopment(context.settings) && isLoopback(url);
  return [(local ? undefined : await unreachable(new URL(url).hostname)) ?? (await health(context, url))];
}

/** A fault if the name shows that Azure cannot reach it. */
async function unreachable(hostname: string): Promise<Finding | undefined> {
  const name = hostname.replace(/^\[|\]$/g, '');
  let addresses: readonly string[];
  try {
    addresses = isIP(name) ? [name] : (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return fault(
      CHECK,
      `the name ${name} is not known (${code})`,
      'check CALLBACK_BASE_URL and the DNS record',
    );
  }
  if (!addresses.every((address) => notPublic.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')))
    return undefined;
  return fault(
    CHECK,
    `${name} is no public address, so Azure cannot call back there`,
    'set CALLBACK_BASE_URL to the public https address of the app, or of a tunnel to it',
  );
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry and its sibling for IPv6 */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  notPublic.addSubnet(network, prefix, 'ipv4');
notPublic.addAddress('::1', 'ipv6');
notPublic.addSubnet('fc00::', 7, 'ipv6');
notPublic.addSubnet('fe80::', 10, 'ipv6');

async function health({ fetch }: Context, url: string): Promise<Finding> {
  const { host } = new URL(url);
  let status: number;
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(`${url}${routePath('health')}`, { signal, redirect: 'manual' });
    await response.body?.cancel();
    ({ status } = response);
  } catch (thrown) {
    const { name, cause } = thrown as Error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
    return fault(
      CHECK,
      `nothing answers at ${host} (${code})`,
      'start the app; check CALLBACK_BASE_URL and its certificate, which has to be valid',
    );
  }
  if (status === 200) return well(CHECK, `the app is well at ${host}`);
  if (status === 503) {
    return fault(
      CHECK,
      `the app at ${host} says that it is not well (503)`,
      'look for warnings and errors in its log: keys, vault or ledger',
    );
  }
  if ([301, 302, 307, 308, 401, 403].includes(status)) {
    return fault(
      CHECK,
      `something before the app at ${host} answers ${status}`,
      'let requests without a sign-in through: turn Easy Auth off, and look at access restrictions and proxies',
    );
  }
  if (status === 404) {
    return fault(
      CHECK,
      `GET ${new URL(url).pathname.replace(/\/$/, '')}${routePath('health')} at ${host} answers 404`,
      'check that Ringward runs there, deployed with the same routePrefix as in host.json here, and that CALLBACK_BASE_URL ends before it',
    );
  }
  return warning(
    CHECK,
    `GET ${routePath('health')} at ${host} answers ${status}`,
    'check that Ringward is what runs there',
  );
}
