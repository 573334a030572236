import type { IncomingMessage } from 'node:http';
import { LOOPBACK } from '../http/loopback.ts';

/**
 * What proxies and tunnels add. A tunnel connects from this machine and may rewrite Host and Origin, so that a stranger's
 * request looks like one of the page.
 */
const FORWARDING =
  /^(forwarded|via|x-forwarded.*|x-original-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|x-tunnel-.*)$/;

/**
 * Whether a request to the inspector comes from this machine, and from the inspector's own page or no page at all. A page
 * of somebody else's can make a browser ask, under a name that it lets point here, too: then Host or Origin gives it away.
 *
 * @param port that this server listens on
 */
export function isOwn({ method, headers, headersDistinct, socket }: IncomingMessage, port: number): boolean {
  if (!isLoopback(socket.remoteAddress)) return false;
  if (Object.keys(headers).some((name) => FORWARDING.test(name))) return false;
  const one = (name: string) => headersDistinct[name]?.length ?? 0;
  if (one('host') !== 1 || !isOurs(headers.host, port)) return false;
  if (one('origin') > 1 || one('sec-fetch-site') > 1) return false;
  const { origin } = headers;
  const writes = method !== 'GET' && method !== 'HEAD';
  // What writes comes from the page, or from a program that says which page it stands for.
  if (origin === undefined ? writes : origin !== `http://${headers.host}`) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return !writes || /^application\/json(;|$)/i.test(headers['content-type'] ?? '');
}

const isOurs = (host: string | undefined, port: number) =>
  [...LOOPBACK].some((name) => host === `${name}:${port}`);

function isLoopback(address = ''): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

/** On every answer of the inspector: nothing from elsewhere, nowhere framed, nothing kept. */
export const SAFE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;
