import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';

/** A request to the app, with every byte chosen by the sender. */
export type OutgoingRequest = {
  readonly url: string;
  /** POST by default. */
  readonly method?: 'POST' | 'OPTIONS' | 'GET';
  /** In the order sent; a name may occur twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
};

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly milliseconds: number;
};

/** The answer to a sample: what `npm run send` and the inspector need to find its delivery. */
export type Answered = {
  /** 0 where no answer came. */
  readonly status: number;
  readonly header: (name: string) => string | undefined;
};

export const answeredBy = ({ status, headers }: Pick<Reply, 'status' | 'headers'>): Answered => ({
  status,
  header: (name) => headers[name]?.toString(),
});

/** A header of each answer of `npm start` with the number of its delivery. */
export const DELIVERY_HEADER = 'x-ringward-delivery';

/** A request to which nothing is added, not even the host or the length of the body. */
export type RawRequest = {
  /** Where it goes, whatever its headers say. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly path: string;
  readonly headers: OutgoingRequest['headers'];
  readonly body: Uint8Array;
};

/**
 * Sends a request over http or https. Path and query go out byte for byte; a URL parser would rewrite some of them.
 * Rejects where no reply came, and when the signal aborts.
 */
export function post(
  { url, method = 'POST', headers, body }: OutgoingRequest,
  signal?: AbortSignal,
): Promise<Reply> {
  const { host, origin } = new URL(url);
  const bytes = Buffer.from(body);
  const framed = [['host', host], ['content-length', String(bytes.length)], ...headers] as const;
  return postRaw({ origin, method, path: targetOf(url), headers: framed, body: bytes }, signal);
}

export function postRaw(
  { origin, method, path, headers, body }: RawRequest,
  signal?: AbortSignal,
): Promise<Reply> {
  const started = performance.now();
  const parsed = new URL(origin);
  const options = {
    ...urlToHttpOptions(parsed),
    path,
    method,
    // The flat form keeps repeated names apart.
    headers: headers.flat(),
    // A kept connection to an app that has restarted would look like a failed delivery.
    agent: false as const,
    ...(signal && { signal }),
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
    request.end(body);
  });
}

/** Path and query of a URL, byte for byte. */
export function targetOf(url: string): string {
  const [, target = ''] = /^[^:]+:\/\/[^/?#]+([^#]*)/.exec(url) ?? [];
  return target.startsWith('/') ? target : `/${target}`;
}
