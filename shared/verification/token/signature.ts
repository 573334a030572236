import { loadJose } from '../load-jose.ts';
import type { CompactJws } from './compact-jws.ts';
import type { VerificationKey } from '../keys/jwks.ts';

/** Whether `key` made the RSASSA-PKCS1-v1_5 SHA-256 signature of `jws`. The one place where RSA is computed. */
export async function verifyRs256(jws: CompactJws, key: VerificationKey): Promise<boolean> {
  const { errors, flattenedVerify } = await loadJose();
  try {
    await flattenedVerify(jws.segments, key, { algorithms: ['RS256'] });
    return true;
  } catch (thrown) {
    if (thrown instanceof errors.JWSSignatureVerificationFailed) return false;
    throw thrown;
  }
}
