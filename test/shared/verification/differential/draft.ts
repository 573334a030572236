import { sign } from 'node:crypto';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { chance } from '../../../harden/chance.ts';

/** What a token is made of before it is put together, so that each layer can be changed and the rest still fits it. */
export type Draft = {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  /** What becomes of the JSON of a segment before it is encoded and signed. */
  readonly written: { header: (json: string) => Uint8Array; claims: (json: string) => Uint8Array };
  /** What becomes of the encoded header and claims before they are signed. */
  encoded: (segments: readonly [string, string]) => readonly [string, string];
  sign: (input: Buffer) => Uint8Array;
  /** What becomes of the three segments once it is signed. */
  joined: (segments: readonly [string, string, string]) => string;
};

/** A change of one layer; what it draws decides which. */
export type Mutation = (draft: Draft, draw: Draw) => void;

/** Chances that are the same for the same seed. */
export type Draw = {
  below(count: number): number;
  one<Value>(values: readonly Value[]): Value;
};

/** @param number of the token: each has chances of its own, so that one can be made again without those before it */
export function drawOf(seed: number, number: number): Draw {
  const random = chance(Math.imul(seed ^ number, 0x9e3779b1) ^ (number + seed));
  const below = (count: number) => Math.floor(random() * count);
  return { below, one: <Value>(values: readonly Value[]) => values[below(values.length)] as Value };
}

export const NOW = 1_800_000_000;
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = '9a1f2c3d-0b4e-4f5a-8c6d-7e8f90a1b2c3';
export const KID = 'the-key';
export const OTHER_KID = 'the-other-key';

/** A genuine token, not put together yet. */
export const genuine = (key: SigningKey): Draft => ({
  header: { alg: 'RS256', typ: 'JWT', kid: KID },
  claims: { iss: ISSUER, aud: AUDIENCE, iat: NOW, nbf: NOW, exp: NOW + 300 },
  written: { header: Buffer.from, claims: Buffer.from },
  encoded: (segments) => segments,
  sign: (input) => sign('sha256', input, key.privateKey),
  joined: (segments) => segments.join('.'),
});

export function putTogether({ header, claims, written, encoded, sign, joined }: Draft): string {
  const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const [first, second] = encoded([
    base64url(written.header(JSON.stringify(header))),
    base64url(written.claims(JSON.stringify(claims))),
  ]);
  return joined([first, second, base64url(sign(Buffer.from(`${first}.${second}`)))]);
}
