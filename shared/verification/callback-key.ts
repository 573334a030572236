import { timingSafeEqual } from 'node:crypto';
import { andThen } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { SecretVersions, SecretVersion } from '../secrets/versions.ts';
import { Rejection, reject } from './check.ts';
import type { Check } from './check.ts';
import { hmacSha256 } from './hmac.ts';

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
  ring: SecretVersions;
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

/**
 * The ticket in the query string of a media socket: a callback key of the purpose `media` or `transcription`. Both come to
 * one address and a ticket does not say which of them it is, so the one whose MAC fits is what it was minted for.
 *
 * @param ttlSeconds how far ahead a ticket may expire
 * @param toleranceSeconds how much further, for clocks that differ
 */
export function mediaTicket(options: {
  ring: SecretVersions;
  ttlSeconds: number;
  toleranceSeconds: number;
  clock: Clock;
}): Check {
  const parameter = 'ticket';
  const media = callbackKey({ ...options, parameter, purpose: 'media' });
  const transcription = callbackKey({ ...options, parameter, purpose: 'transcription' });
  return {
    name: 'media-ticket',
    async run(...request) {
      try {
        return { ...(await media.run(...request)), purpose: 'media' };
      } catch (thrown) {
        if (!(thrown instanceof Rejection && thrown.reason === 'callback-key-forged')) throw thrown;
      }
      return { ...(await transcription.run(...request)), purpose: 'transcription' };
    },
  };
}

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
