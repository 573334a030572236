import { hash, timingSafeEqual } from 'node:crypto';
import type { SecretVersions } from '../secrets/versions.ts';
import type { Check, ReceivedRequest } from './check.ts';
import { reject } from './check.ts';

/** Where the key is looked for: in the header that the deployment sets, else in the query string. */
const HEADER = 'x-ringward-key';
const PARAMETER = 'key';

/**
 * A secret that the sender repeats with each request, as Event Grid does with a delivery attribute or a query parameter
 * of the endpoint. Every version in force is accepted, so that a rotation drops nothing.
 */
export function sharedKey(ring: SecretVersions): Check {
  return {
    name: 'shared-key',
    async run(request, signal) {
      const given = sha256(keyOf(request));
      const versions = await ring.versions(signal);
      // Hashes are of one length, so that the comparison tells nothing about the length of the secret either.
      const fits = versions.filter(({ secret }) => timingSafeEqual(sha256(secret), given));
      if (fits.length === 0) reject('shared-key-wrong');
      return {};
    },
  };
}

function keyOf({ headers, url }: ReceivedRequest): string {
  const inHeader = headers.get(HEADER);
  if (inHeader !== null) return inHeader;
  const [inQuery, ...others] = url.searchParams.getAll(PARAMETER);
  if (inQuery === undefined) reject('shared-key-missing');
  return others.length > 0 ? reject('shared-key-wrong') : inQuery;
}

const sha256 = (data: string | Uint8Array) => hash('sha256', data, 'buffer');
