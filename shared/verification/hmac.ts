import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A secret made ready once: to do it for each request takes four times as long as the HMAC itself. */
const keys = new WeakMap<Uint8Array, KeyObject>();

/** HMAC-SHA256 of a text in UTF-8. A secret is never written to once it is there, so its bytes stand for it. */
export function hmacSha256(secret: Uint8Array, text: string): Buffer {
  let key = keys.get(secret);
  if (!key) {
    key = createSecretKey(secret);
    keys.set(secret, key);
  }
  return createHmac('sha256', key).update(text).digest();
}
