import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { issuer } from './servers/environment.ts';

const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: [JsonWebKey] };
const key = createPublicKey({ key: keys[0], format: 'jwk' });

/** One RSA verification of what a header says, with the issuer's key, and nothing else. */
export function isSigned(authorization: string | null | undefined): boolean {
  const token = authorization?.slice('Bearer '.length) ?? '';
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(token.slice(0, end)), key, signature);
}
