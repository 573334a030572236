import { hash, timingSafeEqual } from 'node:crypto';
import { reject } from '../errors.ts';
import type { Check, Proof } from './check.ts';

/** Compares the body with the hash that a check before this one verified: the raw bytes, as received. */
export const bodyHash: Check = {
  name: 'body-hash',
  needsBody: true,
  run: async ({ body }, _signal, verified) => checkHash(body, verified),
};

/** @throws Rejection where the hash is another */
export function checkHash(payload: Uint8Array, { payloadHash = '' }: Proof): Proof {
  const actual = hash('sha256', payload, 'buffer');
  const signed = Buffer.from(payloadHash, 'hex');
  if (signed.length !== actual.length || !timingSafeEqual(signed, actual)) reject('payload-hash-wrong');
  return {};
}
