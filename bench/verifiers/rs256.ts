import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { systemClock as clock } from '../../shared/clock.ts';
import { keyFetcher } from '../../shared/verification/discovery.ts';
import { verifyRs256Token } from '../../shared/verification/jwt.ts';
import { keySet } from '../../shared/verification/key-set.ts';
import { peer } from '../harness/install.ts';
import type { Issuer, Verifier } from './verifier.ts';

/** Ringward and its peers as their documentation shows them, and the signature alone for comparison. */
/** What every library checks. */
const CLAIMS = 'signature, issuer, audience, expiry';

export const rs256Verifiers = {
  'signature only (crypto.verify)': {
    does: 'one signature with one fixed key; no claims, no key set',
    neverFetches: true,
    async create(issuer) {
      const key = await firstKey(issuer);
      return (token) => {
        if (!isSigned(token, key)) throw new Error('forged');
      };
    },
  },
  Ringward: {
    does: 'canonical form, no duplicate members, claims and token life, checked key parameters, signature, hash for the replay rules; keys refreshed ahead and kept through an outage',
    async create({ configurationUrl, issuer, audience }) {
      const keys = keySet({
        name: 'issuer',
        fetchKeys: keyFetcher({ issuer, openIdConfigurationUrl: configurationUrl }, clock, fetch),
        maxStaleSeconds: 86_400,
        clock,
        random: Math.random,
        note: () => {},
      });
      const rules = { issuers: [issuer], audiences: [audience], lifeSeconds: 300, toleranceSeconds: 60 };
      const { signal } = new AbortController();
      return (token) => verifyRs256Token(token, rules, keys, clock, signal);
    },
  },
  'jose, remote key set': {
    does: `${CLAIMS}; follows the key set; takes any spelling and duplicate members, checks no token life`,
    async create({ jwksUri, issuer, audience }) {
      const keys = createRemoteJWKSet(new URL(jwksUri));
      return (token) => jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] });
    },
  },
  'jsonwebtoken, one jwks-rsa client': {
    does: `${CLAIMS}; keys cached by kid`,
    async create(address) {
      const { default: jwksRsa } = await peer('jwks-rsa');
      const client = jwksRsa({ jwksUri: address.jwksUri, cache: true, rateLimit: false });
      return jsonWebToken(async (kid) => (await client.getSigningKey(kid)).getPublicKey(), address);
    },
  },
  "jsonwebtoken, a jwks-rsa client for each token (Microsoft's sample, corrected)": {
    does: `${CLAIMS}; asks the issuer for each token`,
    async create(address) {
      const { default: jwksRsa } = await peer('jwks-rsa');
      return jsonWebToken(async (kid) => {
        const client = jwksRsa({ jwksUri: address.jwksUri });
        return (await client.getSigningKey(kid)).getPublicKey();
      }, address);
    },
  },
  'aws-jwt-verify': {
    does: `${CLAIMS}; key set cached`,
    create: async (address) => {
      const verifier = await awsVerifier(address);
      return (token) => verifier.verify(token);
    },
  },
  'fast-jwt, get-jwks': {
    does: `${CLAIMS}; keys cached by kid`,
    async create({ issuer, audience, jwksUri }) {
      const { createVerifier } = await peer('fast-jwt');
      const { default: buildGetJwks } = await peer('get-jwks');
      const getJwks = buildGetJwks({ jwksPath: new URL(jwksUri).pathname, issuersWhitelist: [issuer] });
      const key = ({ header }: { header: { kid: string; alg: string } }) =>
        getJwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: issuer });
      return createVerifier({ key, algorithms: ['RS256'], allowedIss: issuer, allowedAud: audience });
    },
  },
} as const satisfies Readonly<Record<string, Verifier<Issuer>>>;

export async function firstKey({ jwksUri }: Pick<Issuer, 'jwksUri'>): Promise<KeyObject> {
  const { keys } = (await (await fetch(jwksUri)).json()) as { keys: [JsonWebKey] };
  return createPublicKey({ key: keys[0], format: 'jwk' });
}

/** One RSA verification, and nothing else. */
export function isSigned(token: string, key: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(token.slice(0, end)), key, signature);
}

/** jsonwebtoken with a function that finds the key. */
async function jsonWebToken(keyFor: (kid: string) => Promise<string>, { issuer, audience }: Issuer) {
  const { default: jsonwebtoken } = await peer('jsonwebtoken');
  return (token: string) =>
    new Promise((resolve, reject) => {
      const find = async (header: { kid: string }, done: (error: unknown, key?: string) => void) => {
        const [found] = await Promise.allSettled([keyFor(header.kid)]);
        if (found.status === 'fulfilled') done(null, found.value);
        else done(found.reason);
      };
      const options = { algorithms: ['RS256'], issuer, audience };
      jsonwebtoken.verify(token, find, options, (error: unknown, claims: unknown) =>
        error ? reject(error as Error) : resolve(claims),
      );
    });
}

/** It fetches over https alone, so it gets Node's own fetch. */
async function awsVerifier({ issuer, audience, jwksUri }: Issuer) {
  const { JwtVerifier } = await peer('aws-jwt-verify');
  const { SimpleJwksCache } = await peer('aws-jwt-verify/jwk');
  const fetcher = {
    async fetch(uri: string) {
      const response = await fetch(uri);
      if (!response.ok) throw new Error(`answered ${response.status}`);
      return response.arrayBuffer();
    },
  };
  return JwtVerifier.create({ issuer, audience, jwksUri }, { jwksCache: new SimpleJwksCache({ fetcher }) });
}
