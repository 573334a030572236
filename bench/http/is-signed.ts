import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** One RSA verification of what a header says, and nothing else. */
export function isSigned(authorization: string | null | undefined, key: KeyObject): boolean {
  const token = authorization?.slice('Bearer '.length) ?? '';
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(token.slice(0, end)), key, signature);
}
