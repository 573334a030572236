import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Dependency } from '../health.ts';

/** One version of a signing secret. */
export type SecretVersion = {
  /** The first 8 characters of the vault's version id, or `dev` for a secret from settings. */
  readonly kid: string;
  readonly secret: Uint8Array;
  /** The same secret, imported once for every signature that it makes or verifies. */
  readonly key: KeyObject;
};

export const secretVersion = (kid: string, secret: Uint8Array): SecretVersion => ({
  kid,
  secret,
  key: createSecretKey(secret),
});

/** The versions of a secret that are in force. Old and new ones overlap while the secret is rotated. */
export type SecretVersions = Dependency & {
  /** All of them, the newest first: the newest signs. Throws an `Outage` where they are not available. */
  versions(signal: AbortSignal): Promise<readonly [SecretVersion, ...SecretVersion[]]>;
  /** The same for a secret that may be absent: none where there is no such secret. */
  present(signal: AbortSignal): Promise<readonly SecretVersion[]>;
  /**
   * Those with this key id; none where the vault, asked again, has none.
   *
   * Throws an `Outage` like `versions`, and where the vault cannot be asked again yet.
   */
  find(kid: string, signal: AbortSignal): Promise<readonly SecretVersion[]>;
  /**
   * Whether the value of every version in force is known. What fits none of `versions` may otherwise be of the version
   * that is missing. Asks nobody.
   */
  isComplete(): boolean;
};

/** Versions that this process knows by itself. `current` gives those in force, the newest first. */
export function knownVersions(current: () => readonly [SecretVersion, ...SecretVersion[]]): SecretVersions {
  return {
    versions: async () => current(),
    present: async () => current(),
    find: async (kid) => current().filter((version) => version.kid === kid),
    isComplete: () => true,
    warm: async () => {},
    isAvailable: () => true,
  };
}

/** A secret from the settings; its UTF-8 bytes are the key. Development only. */
export function settingsSecret(secret: string): SecretVersions {
  const version = secretVersion('dev', Buffer.from(secret, 'utf8'));
  return knownVersions(() => [version]);
}

/** A secret that only this process knows and that ends with it. Development only. */
export function randomSecret(): SecretVersions {
  return settingsSecret(randomBytes(32).toString('base64url'));
}
