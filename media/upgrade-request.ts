import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { refusalFor } from '../shared/delivery/response.ts';
import type { HttpResponse } from '../shared/delivery/response.ts';
import type { Reason } from '../shared/reasons.ts';
import type { ReceivedRequest } from '../shared/verification/check.ts';

/**
 * Converts an upgrade request for the checks. Joins repeated headers by a comma: Node's `headers` has only the first
 * `Authorization`, so a check would not notice the second.
 *
 * @returns undefined if the request's path is not exactly `path`
 */
export function readUpgrade(
  { url = '', headersDistinct }: Pick<IncomingMessage, 'url' | 'headersDistinct'>,
  path: string,
): ReceivedRequest | undefined {
  // Compares the raw text: a proxy may filter by path, and another spelling of the path must not get past it.
  if (url.split('?', 1)[0] !== path) return undefined;
  return {
    url: new URL(url, 'http://media.invalid'),
    headers: { get: (name) => headersDistinct[name]?.join(', ') ?? null },
    body: new Uint8Array(),
  };
}

/**
 * Whether every HTTP parser reads the same request: HTTP/1.1, one `Host`, no body. Node's parser enforces this for plain
 * requests, but not for upgrades (RFC 9112, section 3.2; RFC 6455, section 4.2.1).
 */
export function isUnambiguous({
  httpVersion,
  headersDistinct,
}: Pick<IncomingMessage, 'httpVersion' | 'headersDistinct'>): boolean {
  const { host = [], 'content-length': lengths = ['0'], 'transfer-encoding': codings } = headersDistinct;
  return httpVersion === '1.1' && host.length === 1 && !codings && lengths.join() === '0';
}

/** The response to a refused upgrade: status and body are those of a refused callback. */
export const refusal = (reason: Reason): HttpResponse => refusalFor(reason, 503);

/**
 * Writes an HTTP response to an upgrade's connection and ends it. Reads and discards what the peer still sends: closing a
 * connection with unread bytes resets it, and the peer would lose the response.
 */
export function respond(socket: Duplex, { status, headers = {}, body = '' }: HttpResponse): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}
