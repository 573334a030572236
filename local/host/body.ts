import type { IncomingMessage } from 'node:http';

/** Bytes; the host's own default. */
const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;

/** The host's limit for a request's body in bytes: `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`, where that is a number. */
export function bodyLimit(env: NodeJS.ProcessEnv): number {
  const text = env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? '';
  return /^\d+$/.test(text) ? Number(text) : DEFAULT_BODY_LIMIT_BYTES;
}

/** What Content-Length says, in bytes; 0 for a chunked body and for none. */
export function declaredLength(req: IncomingMessage): number {
  return Number(req.headers['content-length'] ?? 0);
}

/**
 * The body where Content-Length declares one, else undefined: the host passes no other on to a worker.
 * @throws when the client goes away before all of it is there.
 */
export async function readDeclaredBody(req: IncomingMessage): Promise<Buffer | undefined> {
  if (declaredLength(req) === 0) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}
