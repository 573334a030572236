import { withTimeout } from '../async.ts';
import type { Clock } from '../clock.ts';
import { FetchFailure, secondsUntilRetry } from '../refreshing-cache.ts';
import { usableKeys } from './jwks.ts';
import type { KeysById } from './jwks.ts';

/** The largest document that is accepted from an issuer. Key sets with certificate chains are larger than 64 KiB. */
const MAX_DOCUMENT_BYTES = 256 * 1024;

/**
 * GETs one JSON document: status 200 only, no redirect followed, at most 256 KiB.
 *
 * @param now seconds since the epoch, for a `Retry-After` that is a date
 * @throws FetchFailure
 */
async function fetchJson(
  fetch: typeof globalThis.fetch,
  url: string,
  signal: AbortSignal,
  now: () => number,
): Promise<unknown> {
  try {
    // With a redirect, somebody else could choose where our keys come from.
    const response = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/json' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      const retryAfter = response.headers.get('retry-after');
      throw new FetchFailure(`answered ${response.status}`, secondsUntilRetry(retryAfter, now()));
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
    if (size > MAX_DOCUMENT_BYTES) throw new FetchFailure('is larger than 256 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
  /** The exact `issuer` of the configuration. */
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
};

/** How long a fetch of the keys may take in all, discovery included. */
const TOTAL_DEADLINE_MS = 2000;
/** How long the discovered address of the keys is used before it is looked up again. */
const DISCOVERY_LIFE_MS = 24 * 3600 * 1000;
/** The same after a failed fetch: the keys may have moved. */
const DISCOVERY_LIFE_AFTER_FAILURE_MS = 15_000;

/**
 * Returns a function that fetches an issuer's keys under one total deadline. It keeps the discovered address, so that a
 * refresh is one request.
 *
 * The function throws a `FetchFailure` whose message says which document is wrong, and why.
 */
export function keyFetcher(
  issuer: Issuer,
  clock: Clock,
  fetch: typeof globalThis.fetch,
): () => Promise<KeysById> {
  let discovered: { jwksUri: string; at: number } | undefined;
  let hasFailed = false;

  async function jwksUri(signal: AbortSignal): Promise<string> {
    const lifeMs = hasFailed ? DISCOVERY_LIFE_AFTER_FAILURE_MS : DISCOVERY_LIFE_MS;
    if (!discovered || clock.ticks() - discovered.at > lifeMs) {
      discovered = undefined;
      const configuration = await fetchJson(fetch, issuer.openIdConfigurationUrl, signal, clock.now);
      discovered = { jwksUri: jwksUriOf(configuration, issuer), at: clock.ticks() };
    }
    return discovered.jwksUri;
  }

  return () =>
    withTimeout(clock, TOTAL_DEADLINE_MS, async (signal) => {
      try {
        const url = await about('the OpenID configuration', () => jwksUri(signal));
        const keys = await about('the key set', async () =>
          usableKeys(await fetchJson(fetch, url, signal, clock.now), issuer.issuer),
        );
        hasFailed = false;
        return keys;
      } catch (thrown) {
        hasFailed = true;
        throw thrown;
      }
    });
}

/**
 * Re-checks the issuer and requires the keys on the origin of the configuration: a wrong or altered document must not
 * lead elsewhere.
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

/** Says which document a failure is about. */
async function about<T>(document: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : 'failed';
    const retryAfterSeconds = thrown instanceof FetchFailure ? thrown.retryAfterSeconds : undefined;
    throw new FetchFailure(`${document} ${message}`, retryAfterSeconds);
  }
}
