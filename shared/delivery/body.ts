import type { Clock } from '../clock.ts';
import { decodeUtf8 } from '../verification/strict-json.ts';

/** The largest body that is read, in bytes, unless the endpoint sets its own limit. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** First size of the buffer for a body that arrives in chunks. */
const MIN_BUFFER_BYTES = 8 * 1024;

/** A request as the platform passes it on; a web-standard `Request` and the `HttpRequest` of `@azure/functions` fit. */
export type IncomingRequest = {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): BodyReader } | null;
};

/** What is used of the reader of a `ReadableStream`. */
type BodyReader = {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
};

/** Time for the body to arrive, apart from the time of the checks: a sender that drips it must not use that up. */
const READ_TIMEOUT_MS = 5000;

/**
 * Reads the body once, and no more of it than the limit, also where its stated length is smaller. The body of a GET has no meaning
 * (RFC 9110, section 9.3.1) and is not read.
 *
 * @returns the reason if the body is too large, breaks off, or does not end in time
 */
export async function readBody(
  request: IncomingRequest,
  method: string,
  clock: Clock,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<Uint8Array | 'body-too-large' | 'body-unreadable'> {
  let late = false;
  let cancelTimer = () => {};
  try {
    if (method === 'GET') return EMPTY;
    if (Number(request.headers.get('content-length')) > maxBytes) return 'body-too-large';
    const reader = request.body?.getReader();
    if (!reader) return EMPTY;
    cancelTimer = clock.after(READ_TIMEOUT_MS, () => {
      late = true;
      cancel(reader);
    });
    let buffer = EMPTY;
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      // A cancelled reader reports the end like any other.
      if (late) return 'body-unreadable';
      if (done) return buffer.subarray(0, size);
      if (size + value.length > maxBytes) {
        cancel(reader);
        return 'body-too-large';
      }
      buffer = appended(buffer, size, value, maxBytes);
      size += value.length;
    }
  } catch {
    return 'body-unreadable';
  } finally {
    cancelTimer();
  }
}

const EMPTY = Buffer.alloc(0);

function cancel(reader: BodyReader): void {
  reader.cancel().catch(() => {});
}

/**
 * Copies a chunk into the buffer. The buffer starts as large as the first chunk, since most bodies are one, and doubles
 * when it is full: a body that drips in byte by byte costs as much memory as one that arrives whole.
 *
 * @param size bytes of the buffer in use
 */
function appended(
  buffer: Buffer<ArrayBuffer>,
  size: number,
  chunk: Uint8Array,
  maxBytes: number,
): Buffer<ArrayBuffer> {
  if (size === 0) return Buffer.from(chunk);
  const end = size + chunk.length;
  const room = end > buffer.length ? grown(buffer, end, maxBytes) : buffer;
  room.set(chunk, size);
  return room;
}

function grown(buffer: Buffer<ArrayBuffer>, minBytes: number, maxBytes: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.min(maxBytes, Math.max(minBytes, 2 * buffer.length, MIN_BUFFER_BYTES)));
  larger.set(buffer);
  return larger;
}

/**
 * Whether a body of this content type is JSON: `application/json`, `text/json` or anything with the suffix `+json`
 * (RFC 6839), CloudEvents and their batches included. No content type at all passes: parsing decides then.
 */
export function isJsonContentType(contentType: string | null): boolean {
  if (contentType === null) return true;
  const end = contentType.indexOf(';');
  const essence = end < 0 ? contentType : contentType.slice(0, end);
  return /^(application|text)\/([\w.-]+\+)?json$/i.test(essence.trim());
}

/** The one JSON object that a body is, or the reason why it is none. */
export function jsonObject(body: Uint8Array): object | 'not-json' | 'no-events' {
  const [object, ...others] = jsonElements(body) ?? [undefined];
  if (object === undefined) return 'not-json';
  return typeof object === 'object' && object !== null && others.length === 0 ? object : 'no-events';
}

/** The elements of a JSON array, or a single value as the only element; `undefined` if the body is not JSON in UTF-8. */
export function jsonElements(body: Uint8Array): readonly unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(decodeUtf8(body));
    return Array.isArray(document) ? document : [document];
  } catch {
    return undefined;
  }
}
