import { FetchFailure } from '../../freshness/keep-fresh.ts';

/** Largest document taken from an issuer, in bytes. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/**
 * GETs one JSON document: status 200 only, no redirect followed, at most 64 KiB.
 *
 * @param now seconds since the epoch, for a `Retry-After` that is a date
 * @throws FetchFailure
 */
export async function fetchJson(
  fetch: typeof globalThis.fetch,
  url: string,
  signal: AbortSignal,
  now: () => number,
): Promise<unknown> {
  try {
    // A redirect would let whoever can write one choose where our keys come from.
    const response = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new FetchFailure(`answered ${response.status}`, retryAfter(response.headers, now()));
    }
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readCapped(response)));
  } catch (thrown) {
    throw thrown instanceof FetchFailure ? thrown : new FetchFailure(describe(thrown, signal));
  }
}

async function readCapped(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new FetchFailure('is larger than 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Date.parse(value) / 1000 - now;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function describe(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'did not answer in time';
  if (thrown instanceof SyntaxError) return 'is not JSON';
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return `cannot be reached (${code ?? (cause instanceof Error ? cause.message : 'unknown')})`;
}
