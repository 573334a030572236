import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Rejection, reject } from '../errors.ts';
import type { SecretVersion, SecretVersions } from '../secrets/versions.ts';
import type { Check } from './check.ts';
import { queryValues } from './query.ts';

/**
 * The key in each URI that Ringward gives to Azure Communication Services:
 *
 *     v1.<kid>.<ref>.<exp>.<mac>
 *
 * - `kid` names the version of the secret: the first 8 characters of its version in the vault, or `dev`;
 * - `ref` is the call reference: 128 random bits in base64url;
 * - `exp` is the expiry in seconds since the epoch, in decimal;
 * - `mac` is base64url(HMAC-SHA256(secret, `v1.<kid>.<purpose>.<ref>.<exp>`)).
 *
 * The token of a callback says that Azure sent it. The key says that it is about a call of this app.
 */
export type CallbackKey = { readonly reference: string; readonly expires: number };

/** Part of what is signed, so that a key for one purpose is no key for another. */
export type Purpose = 'callback' | 'media' | 'transcription';

// 16 bytes leave 4 unused bits in the last of 22 characters, 32 bytes leave 2 in the last of 43. Only the spelling with
// zeros there is canonical.
const FORM =
  /^v1\.([A-Za-z0-9_-]{1,8})\.([A-Za-z0-9_-]{21}[AQgw])\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;

export function mintCallbackKey(version: SecretVersion, purpose: Purpose, key: CallbackKey): string {
  const mac = macOf(version, purpose, key).toString('base64url');
  return `v1.${version.kid}.${key.reference}.${key.expires}.${mac}`;
}

function macOf({ kid, key }: SecretVersion, purpose: Purpose, { reference, expires }: CallbackKey): Buffer {
  return createHmac('sha256', key).update(`v1.${kid}.${purpose}.${reference}.${expires}`).digest();
}

type KeyOptions = {
  readonly secret: SecretVersions;
  /** How far ahead a key may expire. */
  readonly ttlSeconds: number;
  /** How much further, for clocks that differ. */
  readonly toleranceSeconds: number;
  readonly clock: Clock;
};

/** Checks the key in the query string: `key` of a callback, `ticket` of a media socket. */
export function callbackKey(options: KeyOptions & { readonly purpose: Purpose }): Check {
  const { secret, purpose, ttlSeconds, toleranceSeconds, clock } = options;
  const parameter = purpose === 'callback' ? 'key' : 'ticket';
  return {
    name: 'callback-key',
    async run({ url }, signal) {
      const [text, ...others] = queryValues(url, parameter);
      if (text === undefined) reject('callback-key-missing');
      if (others.length > 0) reject('callback-key-repeated');
      const [, kid, reference, exp, mac] = FORM.exec(text) ?? reject('callback-key-malformed');
      if (!kid || !reference || !exp || !mac) reject('callback-key-malformed');

      const versions = await secret.find(kid, signal);
      if (versions.length === 0) reject('callback-key-unknown-id');
      const key = { reference, expires: Number(exp) };
      const given = Buffer.from(mac, 'base64url');
      if (!versions.some((version) => timingSafeEqual(macOf(version, purpose, key), given))) {
        reject('callback-key-forged');
      }

      const now = clock.now();
      if (now >= key.expires) reject('callback-key-expired');
      if (key.expires > now + ttlSeconds + toleranceSeconds) reject('callback-key-too-far-ahead');
      return { reference, referenceExpires: key.expires };
    },
  };
}

/**
 * Checks the ticket in the query string of a media socket: a callback key of the purpose `media` or `transcription`.
 * Both use one address and the ticket does not name its purpose, so the MAC that fits decides it.
 */
export function mediaTicket(options: KeyOptions): Check {
  const media = callbackKey({ ...options, purpose: 'media' });
  const transcription = callbackKey({ ...options, purpose: 'transcription' });
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

/** Path and query that a proxy received, byte for byte. */
const ORIGINAL_URI_HEADER = 'x-original-uri';

/**
 * Runs a check on the URI that a proxy received, instead of the URI of its own sub-request. Where the proxy does not
 * pass that URI on, the check passes: the app behind the proxy checks the key in any case.
 *
 * The proxy sets the header, so it occurs once. Where the proxy adds it to a header of the caller, the two arrive joined
 * by a comma and are rejected, because either may be the caller's.
 */
export function onOriginalUri(check: Check): Check {
  return {
    name: check.name,
    async run({ headers, body }, ...rest) {
      const target = headers.get(ORIGINAL_URI_HEADER);
      if (target === null) return {};
      return check.run({ url: urlOf(target), headers, body }, ...rest);
    },
  };
}

/** Only the query is read, so any host will do. */
function urlOf(target: string): URL {
  if (!/^\/[\x21-\x2b\x2d-\x7e]*$/.test(target)) reject('original-uri-malformed');
  return new URL(`https://proxy.invalid${target}`);
}
