import type { Clock } from '../../shared/clock.ts';

/** The clock skew of this machine against the services that were asked. */
export type ObservedClockSkew = {
  readonly fetch: typeof globalThis.fetch;
  /** Whether any service was asked. */
  readonly isAsked: () => boolean;
  /** By host: seconds that this machine's clock is ahead of the clock there; below zero it is behind. */
  readonly secondsAhead: () => ReadonlyMap<string, number>;
};

/** Reads the `Date` of every response (RFC 9110, section 6.6.1). It counts whole seconds, so the error is half a second. */
export function observedClockSkew(fetch: typeof globalThis.fetch, clock: Clock): ObservedClockSkew {
  const observed = new Map<string, number>();
  let isAsked = false;
  return {
    fetch: async (input, init) => {
      isAsked = true;
      const before = clock.now();
      const response = await fetch(input, init);
      const theirs = Date.parse(response.headers.get('date') ?? '') / 1000;
      const url = new URL(input instanceof Request ? input.url : input);
      if (!Number.isNaN(theirs)) observed.set(url.host, (before + clock.now()) / 2 - (theirs + 0.5));
      return response;
    },
    isAsked: () => isAsked,
    secondsAhead: () => observed,
  };
}
