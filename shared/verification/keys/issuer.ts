import type { Clock } from '../../clock.ts';
import { deadline } from '../../deadline.ts';
import { FetchFailure } from '../../freshness/keep-fresh.ts';
import { fetchJson } from './fetch-json.ts';
import { usableKeys } from './jwks.ts';
import type { KeysById } from './jwks.ts';

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
