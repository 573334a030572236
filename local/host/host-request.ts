import type { IncomingMessage } from 'node:http';
import { percentDecode } from './percent.ts';
import { decodePath, encodePath } from './request-path.ts';

/** Values by name; names are compared without case, and the first spelling is kept. */
export type Values = ReadonlyMap<string, { readonly name: string; readonly values: string[] }>;

/** A request as the Functions host sees it behind the App Service front end. */
export interface HostRequest {
  readonly method: string;
  readonly host: string;
  /** Decoded, for routing. */
  readonly path: string;
  /** The encoded path, and the query string exactly as sent. */
  readonly target: string;
  readonly query: Values;
  readonly headers: Values;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hostForm = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d{0,5})?$/i;

/**
 * Reads what came before the body, or gives undefined where Kestrel answers 400: a target or a header that is not what
 * HTTP allows, or not exactly one host.
 */
export function readRequest(req: IncomingMessage): HostRequest | undefined {
  const headers = readHeaders(req.rawHeaders);
  const hosts = headers?.get('host')?.values ?? [];
  const host = hosts[0] ?? `${req.socket.localAddress}:${req.socket.localPort}`;
  if (!headers || hosts.length > 1 || !hostForm.test(host)) return undefined;

  // A proxy's request may carry the whole URL (absolute-form).
  const whole = /^https?:\/\/([^/?]*)(.*)$/i.exec(req.url ?? '');
  if (whole && whole[1]?.toLowerCase() !== host.toLowerCase()) return undefined;
  const sent = whole ? (whole[2] ?? '') : (req.url ?? '');
  const [, raw = '', search = ''] = /^([^?]*)(.*)$/s.exec(sent) ?? [];
  const path = decodePath(raw || '/');
  if (!/^[\x21-\x7e]*$/.test(sent) || !/^(\/|$)/.test(raw) || path === undefined) return undefined;
  const target = encodePath(path) + search;
  if (!URL.canParse(`http://${host}${target}`)) return undefined;

  appendClient(headers, req);
  return { method: req.method ?? '', host, path, target, query: readQuery(search), headers };
}

/** The host takes header values for UTF-8; Node hands them over byte for byte. */
function readHeaders(raw: readonly string[]): Map<string, { name: string; values: string[] }> | undefined {
  const headers = new Map<string, { name: string; values: string[] }>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    try {
      const value = utf8.decode(Buffer.from(raw[at + 1] ?? '', 'latin1'));
      if (/[^\P{Cc}\t\x80-\x9f]/u.test(value)) return undefined;
      add(headers, raw[at] ?? '', value);
    } catch {
      return undefined;
    }
  }
  return headers;
}

function readQuery(search: string): Values {
  const query = new Map<string, { name: string; values: string[] }>();
  const decode = (text: string) => percentDecode(text.replaceAll('+', ' '));
  for (const pair of search.slice(1).split('&').filter(Boolean)) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    add(query, decode(name), decode(value));
  }
  return query;
}

/** Where a request comes from, as App Service writes it down: `address:port`. */
export function clientOf({ socket }: IncomingMessage): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  return `${address.includes(':') ? `[${address}]` : address}:${socket.remotePort}`;
}

/** The App Service front end puts the client behind whatever the client itself claims. */
function appendClient(headers: Map<string, { name: string; values: string[] }>, req: IncomingMessage): void {
  const claimed = headers.get('x-forwarded-for')?.values ?? [];
  headers.set('x-forwarded-for', {
    name: 'X-Forwarded-For',
    values: [[...claimed, clientOf(req)].join(', ')],
  });
}

function add(to: Map<string, { name: string; values: string[] }>, name: string, value: string): void {
  const entry = to.get(name.toLowerCase());
  if (entry) entry.values.push(value);
  else to.set(name.toLowerCase(), { name, values: [value] });
}
