import { request as httpsRequest } from 'node:https';
import type { OutgoingRequest, Reply } from '../../../local/http/request.ts';

/** How a request is sent to a proxy, apart from what it says. */
export type Way = {
  /** The certificate authority that is trusted, in PEM. */
  readonly ca: string;
  /** The address on loopback that it comes from. */
  readonly from?: string;
  /** Without stating its length. */
  readonly chunked?: boolean;
};

/** Sends a request as it is to the proxy, under the path and query that it has for the app. */
export function sendTo(
  proxy: string,
  { url, method = 'POST', headers, body }: OutgoingRequest,
  { ca, from, chunked = false }: Way,
): Promise<Reply> {
  const started = performance.now();
  const { port } = new URL(proxy);
  const bytes = Buffer.from(body);
  const length = chunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(bytes.length)];
  const path = url.slice(new URL(url).origin.length);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      // The flat form keeps repeated names apart.
      headers: ['host', '127.0.0.1', ...length, ...headers.flat()],
      agent: false,
      ca,
      ...(from && { localAddress: from }),
    });
    // A proxy may refuse a body that it has not read, and be gone before all of it is sent.
    request.on('error', reject);
    request.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      const milliseconds = performance.now() - started;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, milliseconds });
    });
    request.end(bytes);
  });
}
