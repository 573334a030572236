import type { Clock } from '../../shared/clock.ts';

/** The clocks of others, as they tell them in passing. */
export type OverheardClocks = {
  readonly fetch: typeof globalThis.fetch;
  /** By host, how many seconds this machine's clock is ahead of the one there; below zero it is behind. */
  readonly ahead: () => ReadonlyMap<string, number>;
};

/** Notes the `Date` of every answer: RFC 9110, section 6.6.1. It counts whole seconds, so it is half a second off at most. */
export function overheardClocks(fetch: typeof globalThis.fetch, clock: Clock): OverheardClocks {
  const heard = new Map<string, number>();
  return {
    fetch: async (input, init) => {
      const before = clock.now();
      const response = await fetch(input, init);
      const told = Date.parse(response.headers.get('date') ?? '') / 1000;
      const url = new URL(input instanceof Request ? input.url : input);
      if (!Number.isNaN(told)) heard.set(url.host, (before + clock.now()) / 2 - (told + 0.5));
      return response;
    },
    ahead: () => heard,
  };
}
