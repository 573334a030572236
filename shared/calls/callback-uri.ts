import type { Clock } from '../clock.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { mintCallbackKey } from '../verification/callback-key.ts';
import { isReference, newReference } from './reference.ts';

/**
 * Mints the URI to hand to Azure Communication Services when a call is answered or placed. Without a reference it
 * belongs to a new call; with one it is minted again for the same call (an action, a recording).
 *
 * Throws an `Outage` where the secret cannot be had, and an Error where the reference is none of ours or no base URL
 * is known.
 */
export type CallbackUri = (reference?: string) => Promise<string>;

/** @param ttlSeconds how long a minted URI is good for */
export function callbackUris(options: {
  baseUrl: string | undefined;
  ring: KeyRing;
  ttlSeconds: number;
  clock: Clock;
}): CallbackUri {
  const { baseUrl, ring, ttlSeconds, clock } = options;
  return async function callbackUri(reference = newReference()) {
    if (!baseUrl)
      throw new Error('No callback URI can be minted: set CALLBACK_BASE_URL to the public https address');
    if (!isReference(reference)) throw new Error('A call reference is 22 characters of base64url');
    const [newest] = await ring.versions(new AbortController().signal);
    const expires = Math.floor(clock.now()) + ttlSeconds;
    return `${baseUrl}/api/callbacks/call-automation?key=${mintCallbackKey(newest, 'callback', { reference, expires })}`;
  };
}
