import { Outage } from '../../shared/errors.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import type { SecretVersions, SecretVersion } from '../../shared/secrets/versions.ts';

/** A ring of the versions given, the newest first. */
export function ringOf(...versions: readonly [SecretVersion, ...SecretVersion[]]): SecretVersions {
  return {
    versions: async () => versions,
    present: async () => versions,
    find: async (kid) => versions.filter((version) => version.kid === kid),
    isComplete: () => true,
    warm: async () => {},
    isAvailable: () => true,
  };
}

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
