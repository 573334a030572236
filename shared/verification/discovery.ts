import { deadline } from '../async.ts';
import type { Clock } from '../clock.ts';
import { FetchFailure } from '../refreshing-cache.ts';
import { usableKeys } from './jwks.ts';
import type { KeysById } from './jwks.ts';

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

/** An issuer of tokens, as OpenID Connect Discovery 1.0 describes one. */
export type Issuer = {
  /** What the configuration's `issuer` must be, to the letter. */
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
};

/** How long a fetch of the keys may take in all, discovery included, in milliseconds. */
const TOTAL_DEADLINE = 2000;
/** How long the discovered address of the keys is used before it is looked up again, in milliseconds. */
const DISCOVERY_LIFE = 24 * 3600 * 1000;

/**
 * Returns a function that fetches an issuer's keys under one total deadline. The discovered address is kept, so that a
 * refresh is one request; a failed fetch forgets it, since the keys may have moved.
 *
 * The function throws a `FetchFailure` whose message says which document and what is wrong with it.
 */
export function keyFetcher(
  issuer: Issuer,
  clock: Clock,
  fetch: typeof globalThis.fetch,
): () => Promise<KeysById> {
  let discovered: { jwksUri: string; at: number } | undefined;

  return async function fetchKeys() {
    const limit = deadline(clock, TOTAL_DEADLINE);
    const get = (url: string) => fetchJson(fetch, url, limit.signal, clock.now);
    try {
      if (!discovered || clock.ticks() - discovered.at > DISCOVERY_LIFE) {
        const configuration = await named('the OpenID configuration', () =>
          get(issuer.openIdConfigurationUrl),
        );
        const jwksUri = await named('the OpenID configuration', () => jwksUriOf(configuration, issuer));
        discovered = { jwksUri, at: clock.ticks() };
      }
      const { jwksUri } = discovered;
      return await named('the key set', async () => usableKeys(await get(jwksUri)));
    } catch (thrown) {
      discovered = undefined;
      throw thrown;
    } finally {
      limit.clear();
    }
  };
}

/**
 * Re-checks the issuer and holds the keys to the origin of the configuration, so that a wrong or altered document
 * cannot send us elsewhere.
 */
function jwksUriOf(configuration: unknown, { issuer, openIdConfigurationUrl }: Issuer): string {
  const { issuer: stated, jwks_uri: jwksUri } = (configuration ?? {}) as Record<string, unknown>;
  if (stated !== issuer) throw new Error('names another issuer');
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error('has no usable jwks_uri');
  if (new URL(jwksUri).origin !== new URL(openIdConfigurationUrl).origin) {
    throw new Error('has a jwks_uri on another site');
  }
  return jwksUri;
}

async function named<T>(document: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : 'failed';
    const retryAfterSeconds = thrown instanceof FetchFailure ? thrown.retryAfterSeconds : undefined;
    throw new FetchFailure(`${document} ${message}`, retryAfterSeconds);
  }
}
