import type { Check } from './check.ts';
import { reject } from './verdict.ts';

/** Where a proxy says what it was asked for: path and query, byte for byte. */
const HEADER = 'x-original-uri';

/**
 * Runs a check on the URI that a proxy was asked for, instead of the one that it asks itself. A proxy that does not pass
 * that URI on has the token checked alone: the key in it is then left to the app behind, which checks all of it again.
 *
 * The header is the proxy's own, so it comes once. Where it was added to one that the caller had sent, the two arrive
 * joined by a comma, and no one can say which of them counts.
 */
export function onOriginalUri(check: Check): Check {
  return {
    name: check.name,
    async run({ headers, body }, ...rest) {
      const target = headers.get(HEADER);
      if (target === null) return {};
      return check.run({ url: urlOf(target), headers, body }, ...rest);
    },
  };
}

/** Only its query is looked at, so it does not matter where it is. */
function urlOf(target: string): URL {
  if (!/^\/[\x21-\x2b\x2d-\x7e]*$/.test(target)) reject('original-uri-malformed');
  return new URL(`https://proxy.invalid${target}`);
}
