import type { IncomingMessage } from 'node:http';
import type { ReceivedRequest } from '../../shared/verification/check.ts';

/**
 * An upgrade request as the checks see it. A header that comes twice is joined by a comma: Node hands on only the first
 * `Authorization`, so that whoever reads it there does not notice a second.
 *
 * @returns undefined where the target is no path, or another than `path`
 */
export function upgradeRequest(
  { url = '', headersDistinct }: Pick<IncomingMessage, 'url' | 'headersDistinct'>,
  path: string,
): ReceivedRequest | undefined {
  // To the letter: a proxy in front may go by the path, and must not be talked past.
  if (url.split('?', 1)[0] !== path) return undefined;
  return {
    url: new URL(url, 'http://media.invalid'),
    headers: { get: (name) => headersDistinct[name]?.join(', ') ?? null },
    body: new Uint8Array(),
  };
}

/**
 * Whether two readers of the head would understand the same: HTTP/1.1, one host, and no body announced. Node's parser does
 * not hold an upgrade to that as it holds a request (RFC 9112, section 3.2; RFC 6455, section 4.2.1).
 */
export function isUnambiguous({
  httpVersion,
  headersDistinct,
}: Pick<IncomingMessage, 'httpVersion' | 'headersDistinct'>): boolean {
  const { host = [], 'content-length': lengths = ['0'], 'transfer-encoding': codings } = headersDistinct;
  return httpVersion === '1.1' && host.length === 1 && !codings && lengths.join() === '0';
}
