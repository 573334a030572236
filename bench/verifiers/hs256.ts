import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import { systemClock as clock } from '../../shared/clock.ts';
import { vonageToken } from '../../shared/providers/vonage/token.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { peer } from '../harness/install.ts';
import type { Verifier } from './verifier.ts';

export const PROJECT = '12345678';

const rules = { issuer: 'Vonage', algorithms: ['HS256'] };

/** Verifiers of the token of a Vonage callback, each created with the shared secret. */
export const hs256Verifiers = {
  'signature only (createHmac)': {
    does: 'one MAC; no claims',
    async create(secret) {
      const key = createSecretKey(Buffer.from(secret));
      return (token) => {
        const end = token.lastIndexOf('.');
        const mac = createHmac('sha256', key).update(token.slice(0, end)).digest();
        if (!timingSafeEqual(mac, Buffer.from(token.slice(end + 1), 'base64url'))) throw new Error('forged');
      };
    },
  },
  Ringward: {
    does: 'form, header, project, times, the secret of the project, MAC, hash for the replay rules; no body here',
    async create(secret) {
      const versions = [secretVersion('dev', Buffer.from(secret))];
      const check = vonageToken({
        projects: [{ apiKey: PROJECT }],
        secrets: async () => ({ versions, isShared: false, isComplete: true }),
        maxAgeSeconds: 87_300,
        toleranceSeconds: 60,
        clock,
      });
      const url = new URL('https://app.example');
      const body = new Uint8Array();
      const { signal } = new AbortController();
      return (token) => {
        const authorization = `Bearer ${token}`;
        const headers = { get: (name: string) => (name === 'authorization' ? authorization : null) };
        return check.run({ url, headers, body }, signal, {});
      };
    },
  },
  jose: {
    does: 'signature, issuer, times',
    async create(secret) {
      const key = createSecretKey(Buffer.from(secret));
      return (token) => jwtVerify(token, key, rules);
    },
  },
  jsonwebtoken: {
    does: 'signature, issuer, times',
    async create(secret) {
      const { default: jsonwebtoken } = await peer('jsonwebtoken');
      return (token) => jsonwebtoken.verify(token, secret, rules);
    },
  },
  'fast-jwt': {
    does: 'signature, issuer, times',
    async create(secret) {
      const { createVerifier } = await peer('fast-jwt');
      return createVerifier({ key: secret, algorithms: ['HS256'], allowedIss: 'Vonage' });
    },
  },
  '@vonage/jwt': {
    does: 'signature, times; no issuer',
    async create(secret) {
      const { verifySignature } = await peer('@vonage/jwt');
      return (token) => {
        if (!verifySignature(token, secret)) throw new Error('forged');
      };
    },
  },
} as const satisfies Readonly<Record<string, Verifier<string>>>;
