import type { Clock } from '../clock.ts';

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
 * How long a body may take to arrive, in milliseconds. It has a time of its own, since whoever drips it must not use up
 * the time of the checks. Both together are how long a request may take in all.
 */
const READING = 5000;

/**
 * Reads the body once, and no more of it than the limit, whatever its stated length.
 *
 * @returns why there is none, where it is too large, breaks off, or does not end in time
 */
export async function readBody(
  request: IncomingRequest,
  clock: Clock,
): Promise<Uint8Array | 'body-too-large' | 'body-unreadable'> {
  let late = false;
  let cancelTimer = () => {};
  try {
    if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) return 'body-too-large';
    const reader = request.body?.getReader();
    if (!reader) return EMPTY;
    cancelTimer = clock.after(READING, () => {
      late = true;
      letGo(reader);
    });
    let buffer = EMPTY;
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      // A reader that was let go reports an end like any other.
      if (late) return 'body-unreadable';
      if (done) return buffer.subarray(0, size);
      if (size + value.length > MAX_BODY_BYTES) {
        letGo(reader);
        return 'body-too-large';
      }
      buffer = added(buffer, size, value);
      size += value.length;
    }
  } catch {
    return 'body-unreadable';
  } finally {
    cancelTimer();
  }
}

const EMPTY = Buffer.alloc(0);

function letGo(reader: BodyReader): void {
  reader.cancel().catch(() => {});
}

/**
 * What comes is copied into one buffer: as long as the first piece, since most bodies are one, and doubled when it is full,
 * so that a body that drips in byte by byte costs as much memory as one that comes in one piece.
 *
 * @param size bytes of the buffer that are taken
 */
function added(buffer: Buffer<ArrayBuffer>, size: number, piece: Uint8Array): Buffer<ArrayBuffer> {
  if (size === 0) return Buffer.from(piece);
  const end = size + piece.length;
  const room = end > buffer.length ? grown(buffer, end) : buffer;
  room.set(piece, size);
  return room;
}

/** @param least bytes that it has to take at once */
function grown(buffer: Buffer<ArrayBuffer>, least: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.min(MAX_BODY_BYTES, Math.max(least, 2 * buffer.length, SMALLEST_COPY)));
  larger.set(buffer);
  return larger;
}
