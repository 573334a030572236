import type { IncomingMessage, ServerResponse } from 'node:http';

/** The host's own default. */
const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;
/** Kestrel's `MinRequestBodyDataRate`. */
const MIN_BYTES_PER_SECOND = 240;

/** A body that the host does not take. Kestrel's exception reaches nobody, so the answer is a 500. */
export class BodyError extends Error {
  override readonly name = 'BadHttpRequestException';
}

export interface BodyLimits {
  readonly maxBytes: number;
  /** A body may be slower than the minimum rate for so long. */
  readonly graceMs: number;
}

/** The host's limit for a request's body: `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`, where that is a number. */
export function bodyLimitBytes(env: NodeJS.ProcessEnv): number {
  const text = env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? '';
  return /^\d+$/.test(text) ? Number(text) : DEFAULT_BODY_LIMIT_BYTES;
}

/** The declared length in bytes; 0 for a chunked body and for none. */
export function declaredLength(req: IncomingMessage): number {
  return req.headers['transfer-encoding'] === undefined ? Number(req.headers['content-length'] ?? 0) : 0;
}

/**
 * The body if Content-Length declares one, otherwise undefined: the host passes no other on to a worker.
 * @throws BodyError for one that is too large, which is not read, and for one that is cut off or stalls.
 */
export async function readDeclaredBody(
  req: IncomingMessage,
  res: ServerResponse,
  { maxBytes, graceMs }: BodyLimits,
): Promise<Buffer | undefined> {
  const length = declaredLength(req);
  if (length === 0) return undefined;
  if (length > maxBytes) {
    throw new BodyError(`Request body too large. The max request body size is ${maxBytes} bytes.`);
  }
  if (/^100-continue$/i.test(req.headers.expect ?? '')) res.writeContinue();

  const chunks: Buffer[] = [];
  let received = 0;
  async function readAll(): Promise<void> {
    try {
      for await (const chunk of req) {
        chunks.push(chunk);
        received += chunk.length;
      }
    } catch {
      throw new BodyError('Unexpected end of request content.');
    }
  }

  const started = performance.now();
  const tooSlow = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed < graceMs || received >= (elapsed / 1000) * MIN_BYTES_PER_SECOND) return;
    tooSlow.reject(new BodyError('Reading the request body timed out due to data arriving too slowly.'));
  }, graceMs / 5);
  try {
    await Promise.race([readAll(), tooSlow.promise]);
  } finally {
    clearInterval(timer);
  }
  return Buffer.concat(chunks);
}
