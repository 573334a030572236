import { randomBytes } from 'node:crypto';
import type { Awaitable } from '../awaitable.ts';

/** One version of a signing secret. */
export type SecretVersion = {
  /** The first 8 characters of the vault's version id, or `dev` for a secret from settings. */
  readonly kid: string;
  readonly secret: Uint8Array;
};

/** Every version of a secret that is in force, so that old and new overlap while one is rotated. */
export type KeyRing = {
  /** All of them, the newest first: the newest signs. Throws an `Outage` where they cannot be had now. */
  versions(signal: AbortSignal): Awaitable<readonly [SecretVersion, ...SecretVersion[]]>;
  /** The same of a secret that may be absent: none where there is no such secret. */
  present(signal: AbortSignal): Awaitable<readonly SecretVersion[]>;
  /** Those with this key id; none where the vault, freshly asked, has none. Throws an `Outage` like `versions`. */
  find(kid: string, signal: AbortSignal): Awaitable<readonly SecretVersion[]>;
  /** Fetches ahead of the first use. Never throws. */
  warm(): Promise<void>;
  /** Whether none is to be had, as far as is known without asking. */
  isOut(): boolean;
};

/** The key id of a secret that no vault gave a version. */
export const DEVELOPMENT_KID = 'dev';

/** A ring of one secret from the settings; its UTF-8 bytes are the key. Development only. */
export function developmentRing(secret: string): KeyRing {
  const version = { kid: DEVELOPMENT_KID, secret: Buffer.from(secret, 'utf8') };
  const versions = [version] as const;
  return {
    versions: () => versions,
    present: () => versions,
    find: (kid) => (kid === DEVELOPMENT_KID ? versions : []),
    warm: async () => {},
    isOut: () => false,
  };
}

/** A ring of one secret that nobody else knows and that ends with the process. Development only. */
export function randomRing(): KeyRing {
  return developmentRing(randomBytes(32).toString('base64url'));
}
