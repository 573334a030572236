import { hash, timingSafeEqual } from 'node:crypto';
import { Outage, reject } from '../errors.ts';
import type { SecretVersions } from '../secrets/versions.ts';
import type { Check, ReceivedRequest } from './check.ts';
import { queryValues } from './query.ts';

/** The header that the deployment sets; the query parameter counts where the header is absent. */
const HEADER = 'x-ringward-key';
const PARAMETER = 'key';

/**
 * A secret that the sender repeats with each request, as Event Grid does with a delivery attribute or a query parameter
 * of the endpoint. Every version in force is accepted, so that a rotation rejects no delivery.
 */
export function sharedKey(secret: SecretVersions): Check {
  return {
    name: 'shared-key',
    async run(request, signal) {
      const given = sha256(keyOf(request));
      const versions = await secret.versions(signal);
      // Hashes have one length, so the comparison does not reveal the length of the secret. Every version is compared.
      const fits = versions.filter((version) => timingSafeEqual(sha256(version.secret), given));
      if (fits.length === 0 && !secret.isComplete()) throw new Outage('shared-key-unavailable');
      if (fits.length === 0) reject('shared-key-wrong');
      return {};
    },
  };
}

function keyOf({ headers, url }: ReceivedRequest): string {
  const inHeader = headers.get(HEADER);
  if (inHeader !== null) return inHeader;
  const [inQuery, ...others] = queryValues(url, PARAMETER);
  if (inQuery === undefined) reject('shared-key-missing');
  return others.length > 0 ? reject('shared-key-wrong') : inQuery;
}

const sha256 = (data: string | Uint8Array) => hash('sha256', data, 'buffer');
