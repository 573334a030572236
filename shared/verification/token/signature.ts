import { verify } from 'node:crypto';
import type { CompactJws } from './compact-jws.ts';
import type { VerificationKey } from '../keys/jwks.ts';

/**
 * Whether `key` made the RSASSA-PKCS1-v1_5 SHA-256 signature of `jws`. The one place where RSA is computed. The hash stands
 * here, and the padding is what Node takes for a key of the type `rsa`, which is all that jwks.ts lets in: neither a token
 * nor a key has a say in them. To name the padding would have Node take the key apart anew for each token, which costs
 * nearly as much again as the signature.
 *
 * Not through WebCrypto, whose way through a pool of threads costs more of a core than the computation itself;
 * docs/performance.md has the figures, on one core and on two.
 */
export function verifyRs256({ signed, signature }: CompactJws, key: VerificationKey): boolean {
  return verify('sha256', Buffer.from(signed, 'latin1'), key, signature);
}
