import { timingSafeEqual } from 'node:crypto';
import { andThen } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { KeyRing, SecretVersion } from '../secrets/key-ring.ts';
import type { Check } from './check.ts';
import { hmacSha256 } from './hmac.ts';
import { reject } from './verdict.ts';

/**
 * The key that Ringward puts into each URI it hands to Azure Communication Services:
 *
 *     v1.<kid>.<ref>.<exp>.<mac>
 *
 * - `kid` names the version of the secret: the first 8 characters of its version in the vault, or `dev`;
 * - `ref` is the call reference: 128 random bits in base64url;
 * - `exp` is the expiry in seconds since the epoch, in decimal;
 * - `mac` is base64url(HMAC-SHA256(secret, `v1.<kid>.<purpose>.<ref>.<exp>`)).
 *
 * The token that comes with a callback says that Azure sent it; the key says that it is about a call of ours.
 */
export type CallbackKey = { readonly reference: string; readonly expires: number };

/** What a key opens; part of what is signed, so that a key for one purpose does not open another. */
export type Purpose = 'callback' | 'media' | 'transcription';

// 16 bytes leave 4 unused bits in the last of 22 characters, 32 bytes leave 2 in the last of 43: only the spelling with
// zeros there is canonical.
const FORM =
  /^v1\.([A-Za-z0-9_-]{1,8})\.([A-Za-z0-9_-]{21}[AQgw])\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;

export function mintCallbackKey(version: SecretVersion, purpose: Purpose, key: CallbackKey): string {
  const mac = macOf(version, purpose, key).toString('base64url');
  return `v1.${version.kid}.${key.reference}.${key.expires}.${mac}`;
}

function macOf(
  { kid, secret }: SecretVersion,
  purpose: Purpose,
  { reference, expires }: CallbackKey,
): Buffer {
  return hmacSha256(secret, `v1.${kid}.${purpose}.${reference}.${expires}`);
}

/**
 * Checks the key in the query string.
 *
 * @param ttlSeconds how far ahead a key may expire
 * @param toleranceSeconds how much further, for clocks that differ
 */
export function callbackKey(options: {
  ring: KeyRing;
  purpose: Purpose;
  parameter: 'key' | 'ticket';
  ttlSeconds: number;
  toleranceSeconds: number;
  clock: Clock;
}): Check {
  const { ring, purpose, parameter, ttlSeconds, toleranceSeconds, clock } = options;
  return {
    name: 'callback-key',
    run({ url }, signal) {
      const texts = url.searchParams.getAll(parameter);
      const text = texts[0] ?? reject('callback-key-missing');
      if (texts.length > 1) reject('callback-key-repeated');
      const [, kid, reference, exp, mac] = FORM.exec(text) ?? reject('callback-key-malformed');
      if (!kid || !reference || !exp || !mac) reject('callback-key-malformed');
      return andThen(ring.find(kid, signal), (versions) => {
        if (versions.length === 0) reject('callback-key-unknown-id');
        const key = { reference, expires: Number(exp) };
        const claimed = Buffer.from(mac, 'base64url');
        if (!versions.some((version) => timingSafeEqual(macOf(version, purpose, key), claimed))) {
          reject('callback-key-forged');
        }
        const now = clock.now();
        if (now >= key.expires) reject('callback-key-expired');
        if (key.expires > now + ttlSeconds + toleranceSeconds) reject('callback-key-too-far-ahead');
        return { reference, referenceExpires: key.expires };
      });
    },
  };
}
