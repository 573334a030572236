import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import { systemClock as clock } from '../../shared/clock.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { vonageToken } from '../../shared/verification/vonage-token.ts';
import { peer } from '../harness/peers.ts';
import type { Verify } from './rs256.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';

export const PROJECT = '12345678';

/** Verifiers of the token of a Vonage callback. */
export async function hs256Contenders(secret: string): Promise<ReadonlyMap<string, Verify>> {
  const bytes = Buffer.from(secret);
  const key = createSecretKey(bytes);
  const { signal } = new AbortController();
  const versions = [secretVersion('dev', bytes)];
  const ringward = vonageToken({
    projects: [{ apiKey: PROJECT }],
    secrets: async () => versions,
    maxAgeSeconds: 87_300,
    toleranceSeconds: 60,
    clock,
  });
  const url = new URL('https://app.example');
  const body = new Uint8Array();
  const { default: jsonwebtoken } = await peer('jsonwebtoken');
  const { createVerifier } = await peer('fast-jwt');
  const { verifySignature } = await peer('@vonage/jwt');
  return new Map<string, Verify>([
    [
      'createHmac, a KeyObject (raw)',
      (token) => {
        const end = token.lastIndexOf('.');
        const mac = createHmac('sha256', key).update(token.slice(0, end)).digest();
        if (!timingSafeEqual(mac, Buffer.from(token.slice(end + 1), 'base64url'))) throw new Error('forged');
      },
    ],
    [
      'Ringward',
      (token) => {
        const authorization = `Bearer ${token}`;
        const headers = { get: (name: string) => (name === 'authorization' ? authorization : null) };
        return ringward.run({ url, headers, body }, signal, {});
      },
    ],
    ['jose', (token) => jwtVerify(token, bytes, { issuer: 'Vonage', algorithms: ['HS256'] })],
    [
      'jose, a KeyObject (best)',
      (token) => jwtVerify(token, key, { issuer: 'Vonage', algorithms: ['HS256'] }),
    ],
    [
      'jsonwebtoken',
      (token) => jsonwebtoken.verify(token, secret, { algorithms: ['HS256'], issuer: 'Vonage' }),
    ],
    [
      'jsonwebtoken, a KeyObject (best)',
      (token) => jsonwebtoken.verify(token, key, { algorithms: ['HS256'], issuer: 'Vonage' }),
    ],
    ['fast-jwt', createVerifier({ key: secret, algorithms: ['HS256'], allowedIss: 'Vonage' })],
    [
      '@vonage/jwt (documented)',
      (token) => {
        if (!verifySignature(token, secret)) throw new Error('forged');
      },
    ],
  ]);
}
