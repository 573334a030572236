import { request as httpRequest } from 'node:http';

/** A request to the app, every byte of it chosen by whoever plays the sender. */
export type OutgoingRequest = {
  readonly url: string;
  /** POST where nothing else is said. */
  readonly method?: 'POST' | 'OPTIONS';
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

/** Sends a request as it is. Rejects where no reply came. */
export function post({ url, method = 'POST', headers, body }: OutgoingRequest): Promise<Reply> {
  const started = performance.now();
  const flat = headers.flat();
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method,
      // The flat form keeps repeated names apart.
      headers: ['host', new URL(url).host, 'content-length', String(bytes.length), ...flat],
    });
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
