import { createPublicKey, verify } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { rs256 } from '../../../../local/fakes/token.ts';
import type { SigningKey } from '../../../../local/fakes/token.ts';
import { Rejection, reject } from '../../../../shared/errors.ts';
import type { Proof } from '../../../../shared/verification/check.ts';
import { usableKeys } from '../../../../shared/verification/jwks.ts';
import { verifyRs256Token } from '../../../../shared/verification/jwt.ts';
import { manualClock } from '../../../clock.ts';
import { plainTimes } from '../../../support/plain-times.ts';
import { AUDIENCE, ISSUER, NOW } from './draft.ts';

const LIFE_SECONDS = 300;
const TOLERANCE_SECONDS = 60;

export type Judged<Accepted> = { readonly accepted: Accepted } | { readonly refused: string };

/** Ringward and jose with the same keys and the same options, each as its users call it, and Node for the signature. */
export async function judgesOf(...signingKeys: readonly SigningKey[]) {
  const document = { keys: signingKeys.map(({ jwk }) => jwk) };
  const ours = await usableKeys(document, ISSUER);
  const theirs = createLocalJWKSet(document as Parameters<typeof createLocalJWKSet>[0]);
  const publicKeys = new Map(signingKeys.map(({ kid, privateKey }) => [kid, createPublicKey(privateKey)]));
  const clock = manualClock(NOW);
  const { signal } = new AbortController();
  const keys = {
    find: async (kid: string) => ours.get(kid) ?? reject('token-key-unknown'),
    warm: async () => {},
    age: () => 0,
    isAvailable: () => true,
  };
  const rules = {
    issuers: [ISSUER],
    audiences: [AUDIENCE],
    lifeSeconds: LIFE_SECONDS,
    toleranceSeconds: TOLERANCE_SECONDS,
  };
  const options = {
    issuer: ISSUER,
    // GUIDs have no case, which is what Ringward knows of them and jose has to be told.
    audience: [AUDIENCE, AUDIENCE.toUpperCase()],
    algorithms: ['RS256'],
    clockTolerance: TOLERANCE_SECONDS,
    currentDate: new Date(NOW * 1000),
    requiredClaims: ['exp'],
  };
  async function jose(token: string): Promise<Judged<JWTPayload>> {
    try {
      return { accepted: (await jwtVerify(token, theirs, options)).payload };
    } catch (thrown) {
      return { refused: (thrown as { code?: string }).code ?? String(thrown) };
    }
  }
  return {
    /** Lets through whatever is thrown that is no refusal: before a signature is verified that must not happen. */
    async ringward(token: string): Promise<Judged<Proof>> {
      try {
        return { accepted: await verifyRs256Token(token, rules, keys, clock, signal) };
      } catch (thrown) {
        if (thrown instanceof Rejection) return { refused: thrown.reason };
        throw thrown;
      }
    },
    /** Whether the key that the token names made its signature. Independent: the other two share the code of jose. */
    node(token: string): boolean {
      const [header = '', claims = '', signature = ''] = token.split('.');
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
      const key = publicKeys.get(kid);
      const signed = Buffer.from(`${header}.${claims}`);
      return key !== undefined && verify('sha256', signed, key, Buffer.from(signature, 'base64url'));
    },
    jose,
    /** The same of a token whose optional times may be null, empty or digits, which jose does not take. */
    joseOnPlainTimes(token: string): Promise<Judged<JWTPayload>> {
      const [header = '', claims = ''] = token.split('.');
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
      const written = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
      const plain = plainTimes(written);
      const signingKey = signingKeys.find((key) => key.kid === kid);
      if (isDeepStrictEqual(plain, written) || !signingKey) return jose(token);
      return jose(rs256(JSON.parse(Buffer.from(header, 'base64url').toString()), plain, signingKey));
    },
  };
}
