/** Largest body taken, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What a body that comes in pieces is copied into at first, in bytes. */
const SMALLEST_COPY = 8 * 1024;

/** A request as the platform hands it over; the `HttpRequest` of `@azure/functions` is one. */
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

/**
 * Reads the body once, and no more of it than the limit.
 *
 * @returns `undefined` where the body is larger than the limit, whatever its stated length
 * @throws where the body breaks off, or does not end before the signal aborts
 */
export async function readBody(request: IncomingRequest, signal: AbortSignal): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) return undefined;
  if (!request.body) return Buffer.alloc(0);
  signal.throwIfAborted();
  const reader = request.body.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await readAll(reader, signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Copies what comes into one buffer: as long as the first piece, since most bodies are one, and doubled when it is full,
 * so that a body that drips in byte by byte costs as much memory as one that comes in one piece.
 */
async function readAll(reader: BodyReader, signal: AbortSignal): Promise<Buffer | undefined> {
  let buffer = Buffer.alloc(0);
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    // A cancelled reader reports an end like any other.
    signal.throwIfAborted();
    if (done) return buffer.subarray(0, size);
    const end = size + value.length;
    if (end > MAX_BODY_BYTES) {
      void reader.cancel().catch(() => {});
      return undefined;
    }
    if (size === 0) buffer = Buffer.from(value);
    else {
      if (end > buffer.length) buffer = grown(buffer, end);
      buffer.set(value, size);
    }
    size = end;
  }
}

/** @param least bytes that it has to take at once */
function grown(buffer: Buffer<ArrayBuffer>, least: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.min(MAX_BODY_BYTES, Math.max(least, 2 * buffer.length, SMALLEST_COPY)));
  larger.set(buffer);
  return larger;
}
