import { Outage } from '../../shared/errors.ts';
import { knownVersions, secretVersion } from '../../shared/secrets/versions.ts';
import type { SecretVersions, SecretVersion } from '../../shared/secrets/versions.ts';

/** A ring of the versions given, the newest first. */
export const ringOf = (...versions: readonly [SecretVersion, ...SecretVersion[]]): SecretVersions =>
  knownVersions(() => versions);

/** A ring whose vault cannot be reached. */
export function brokenRing(thrown: unknown = new Outage('callback-secret-unavailable')): SecretVersions {
  const fail = () => Promise.reject(thrown);
  return {
    versions: fail,
    present: fail,
    find: fail,
    isComplete: () => true,
    warm: async () => {},
    isAvailable: () => false,
  };
}

export const version = (kid: string, secret: string): SecretVersion =>
  secretVersion(kid, Buffer.from(secret));
