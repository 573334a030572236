import type { IncomingMessage } from 'node:http';
import { decodePath, encodePath, percentDecode } from './request-path.ts';

type Entries = Map<string, { name: string; values: string[] }>;

/** Values by name. Names are compared without case. */
export type Values = ReadonlyMap<string, { readonly name: string; readonly values: readonly string[] }>;

/** A request as the Functions host sees it behind the App Service front end. */
export interface HostRequest {
  readonly method: string;
  readonly host: string;
  /** Decoded, for routing. */
  readonly path: string;
  /** The encoded path, and the query string as sent. */
  readonly target: string;
  readonly query: Values;
  readonly headers: Values;
}

/** What Kestrel answers before it closes the connection. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

/** Kestrel's limits. Both sizes count the line breaks. */
const MAX_REQUEST_LINE_BYTES = 8_192;
export const MAX_HEADER_BYTES = 32_768;
const MAX_HEADERS = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hostForm = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d{0,5})?$/i;

/** Reads what came before the body. */
export function readRequest(req: IncomingMessage): HostRequest | Refusal {
  const refusal = checkFraming(req);
  if (refusal) return refusal;
  const malformed: Refusal = { status: 400 };
  const headers = readHeaders(req);
  const hosts = headers?.get('host')?.values ?? [];
  const host = hosts[0] ?? `${req.socket.localAddress}:${req.socket.localPort}`;
  if (!headers || hosts.length > 1 || !hostForm.test(host)) return malformed;

  // A proxy's request may carry the whole URL (absolute-form).
  const whole = /^https?:\/\/([^/?]*)(.*)$/i.exec(req.url ?? '');
  if (whole && whole[1]?.toLowerCase() !== host.toLowerCase()) return malformed;
  const sent = whole ? (whole[2] ?? '') : (req.url ?? '');
  const [, raw = '', search = ''] = /^([^?]*)(.*)$/s.exec(sent) ?? [];
  const path = decodePath(raw || '/');
  if (!/^[\x21-\x7e]*$/.test(sent) || !/^(\/|$)/.test(raw) || path === undefined) return malformed;
  // Kestrel knows no fragments.
  const target = encodePath(path) + search.replaceAll('#', '%23');
  if (!URL.canParse(`http://${host || 'empty'}${target}`)) return malformed;

  appendClient(headers, req);
  return { method: req.method ?? '', host, path, target, query: readQuery(search), headers };
}

/** Node's parser is lenient here, so that control characters pass. These are the checks of Kestrel that it leaves out. */
function checkFraming({ method = '', url = '', httpVersion, headers, rawHeaders }: IncomingMessage) {
  const lineBytes = `${method} ${url} HTTP/1.1\r\n`.length;
  const headerBytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0); // ': ' and the line break
  const coding = headers['transfer-encoding']?.split(',').at(-1)?.trim().toLowerCase();
  const hasLength = coding !== undefined || headers['content-length'] !== undefined;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return { status: 505 };
  if (lineBytes > MAX_REQUEST_LINE_BYTES) return { status: 414 };
  if (headerBytes > MAX_HEADER_BYTES || rawHeaders.length > 2 * MAX_HEADERS) return { status: 431 };
  if (url === '*' && method !== 'OPTIONS') return { status: 405, headers: { allow: 'OPTIONS' } };
  if (coding !== undefined && coding !== 'chunked') return { status: 400 };
  if (httpVersion === '1.0' && !hasLength && (method === 'POST' || method === 'PUT')) return { status: 400 };
  return undefined;
}

export function hasTwoLengths({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined;
}

/** The headers, or undefined for a value with a NUL or a byte from 0x80 on that is no UTF-8. */
function readHeaders(req: IncomingMessage): Entries | undefined {
  const headers: Entries = new Map();
  const raw = req.rawHeaders;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = decodeValue(raw[at + 1] ?? '');
    if (value === undefined || value.includes('\0')) return undefined;
    // Kestrel renames the length of a chunked body.
    add(headers, hasTwoLengths(req) && /^content-length$/i.test(name) ? `X-${name}` : name, value);
  }
  return headers;
}

/** Kestrel takes header values for UTF-8. Node has one character for each byte. */
function decodeValue(bytes: string): string | undefined {
  try {
    const value = utf8.decode(Buffer.from(bytes, 'latin1'));
    // @azure/functions throws on a character above U+00FF, which leaves a 500. Azure's front end passes each byte as one
    // character: https://github.com/Azure/azure-functions-host/issues/9718
    return /[^\0-\xff]/.test(value) ? bytes : value;
  } catch {
    return undefined;
  }
}

function readQuery(search: string): Values {
  const query: Entries = new Map();
  const decode = (text: string) => percentDecode(text.replaceAll('+', ' '));
  for (const pair of search.slice(1).split('&').filter(Boolean)) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    add(query, decode(name), decode(value));
  }
  return query;
}

/** Where a request comes from, in the form of App Service: `address:port`. */
export function clientOf({ socket }: IncomingMessage): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  return `${address.includes(':') ? `[${address}]` : address}:${socket.remotePort}`;
}

/** The App Service front end appends the client to what the client itself claims. */
function appendClient(headers: Entries, req: IncomingMessage): void {
  const claimed = headers.get('x-forwarded-for')?.values.filter(Boolean) ?? [];
  headers.set('x-forwarded-for', {
    name: 'X-Forwarded-For',
    values: [[...claimed, clientOf(req)].join(', ')],
  });
}

/** The last spelling names the entry. */
function add(to: Entries, name: string, value: string): void {
  const values = to.get(name.toLowerCase())?.values ?? [];
  to.set(name.toLowerCase(), { name, values: [...values, value] });
}
