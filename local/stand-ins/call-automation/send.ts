import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { OutgoingRequest, Reply } from '../../request.ts';

/**
 * POSTs over http or https to a URI whose path and query go out byte for byte as they were given; a URL parser would
 * rewrite some. Rejects where no reply came, and when the signal aborts.
 */
export function send({ url, headers, body }: OutgoingRequest, signal: AbortSignal): Promise<Reply> {
  const started = performance.now();
  const parsed = new URL(url);
  const bytes = Buffer.from(body);
  const [, target = ''] = /^[^:]+:\/\/[^/?#]+([^#]*)/.exec(url) ?? [];
  const options = {
    ...urlToHttpOptions(parsed),
    path: target.startsWith('/') ? target : `/${target}`,
    method: 'POST',
    headers: ['host', parsed.host, 'content-length', String(bytes.length), ...headers.flat()],
    // A connection that an app left behind when it was started anew would look like a failed delivery.
    agent: false as const,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = parsed.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
    request.on('error', reject);
    request.on('response', async (response) => {
      try {
        const reply = Buffer.concat(await response.toArray()).toString();
        const milliseconds = performance.now() - started;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: reply, milliseconds });
      } catch (error) {
        reject(error);
      }
    });
    request.end(bytes);
  });
}
