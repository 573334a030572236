import { createHmac, createPublicKey, generateKeyPair, sign as rsaSign, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** Claims or a header, or the raw text that stands in their place. */
export type Part = Record<string, unknown> | string;

export type SigningKey = {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As it stands in a JWK set. */
  readonly jwk: JsonWebKey & { readonly kid: string };
};

/** @param modulusLength bits */
export async function newSigningKey(kid: string, modulusLength = 2048): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } };
}

const encoded = (part: Part) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** header.payload, the input of every JWS signature (RFC 7515, section 5.1). */
export const signingInput = (header: Part, payload: Part) => `${encoded(header)}.${encoded(payload)}`;

/** A JWS in compact form, whatever its header says it is signed with. */
export function rs256(header: Part, payload: Part, { privateKey }: Pick<SigningKey, 'privateKey'>): string {
  const input = signingInput(header, payload);
  return `${input}.${rsaSign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

export function hs256(header: Part, payload: Part, secret: string | Uint8Array): string {
  const input = signingInput(header, payload);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Whether a signature is that of `rs256`. */
export const isRs256 = (
  input: string,
  signature: Uint8Array,
  { privateKey }: Pick<SigningKey, 'privateKey'>,
) => verify('sha256', Buffer.from(input), createPublicKey(privateKey), signature);

/** Whether a signature is that of `hs256`. */
export const isHs256 = (input: string, signature: Uint8Array, secret: string) =>
  createHmac('sha256', secret).update(input).digest().equals(signature);
