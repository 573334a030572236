import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { systemClock as clock } from '../../shared/clock.ts';
import { keyFetcher } from '../../shared/verification/discovery.ts';
import { keySet } from '../../shared/verification/key-set.ts';
import { verifyRs256Token } from '../../shared/verification/jwt.ts';
import { peer } from '../harness/peers.ts';

/** An issuer, and what it is asked for. */
export type IssuerAddress = {
  readonly issuer: string;
  readonly configurationUrl: string;
  readonly jwksUri: string;
  readonly audience: string;
};

/** Verifies a token, or throws. */
export type Verify = (token: string) => unknown;

export type Contender = {
  readonly name: string;
  /** Makes a verifier as an app does at its start. */
  readonly make: (issuer: IssuerAddress) => Promise<Verify>;
  /** Asks the issuer for its keys with every token, so that fewer rounds say enough. */
  readonly slow?: true;
  /** Is handed its key, so that it never asks the issuer. */
  readonly keyInHand?: true;
};

async function keyOf({ jwksUri }: IssuerAddress): Promise<KeyObject> {
  const { keys } = (await (await fetch(jwksUri)).json()) as { keys: [JsonWebKey] };
  return createPublicKey({ key: keys[0], format: 'jwk' });
}

/** jsonwebtoken with a function that finds the key, as a promise. */
async function callback(keyFor: (kid: string) => Promise<string>, { issuer, audience }: IssuerAddress) {
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

export const contenders: readonly Contender[] = [
  {
    name: 'crypto.verify, a KeyObject (raw)',
    keyInHand: true,
    async make(issuer) {
      const key = await keyOf(issuer);
      return (token) => {
        const end = token.lastIndexOf('.');
        const signature = Buffer.from(token.slice(end + 1), 'base64url');
        if (!verify('sha256', Buffer.from(token.slice(0, end)), key, signature)) throw new Error('forged');
      };
    },
  },
  {
    name: 'Ringward',
    async make({ configurationUrl, issuer, audience }) {
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
  {
    name: 'jose, remote set (documented)',
    async make({ jwksUri, issuer, audience }) {
      const keys = createRemoteJWKSet(new URL(jwksUri));
      return (token) => jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] });
    },
  },
  {
    name: 'jose, a KeyObject (best)',
    keyInHand: true,
    async make(address) {
      const key = await keyOf(address);
      const { issuer, audience } = address;
      return (token) => jwtVerify(token, key, { issuer, audience, algorithms: ['RS256'] });
    },
  },
  {
    name: 'jsonwebtoken, a KeyObject (best)',
    keyInHand: true,
    async make(address) {
      const { default: jsonwebtoken } = await peer('jsonwebtoken');
      const key = await keyOf(address);
      const { issuer, audience } = address;
      return (token) => jsonwebtoken.verify(token, key, { issuer, audience, algorithms: ['RS256'] });
    },
  },
  {
    name: 'jsonwebtoken, jwks-rsa shared and cached',
    async make(address) {
      const { default: jwksRsa } = await peer('jwks-rsa');
      const client = jwksRsa({ jwksUri: address.jwksUri, cache: true, rateLimit: false });
      return callback(async (kid) => (await client.getSigningKey(kid)).getPublicKey(), address);
    },
  },
  {
    name: "jsonwebtoken, jwks-rsa as in Microsoft's sample, mended",
    slow: true,
    async make(address) {
      const { default: jwksRsa } = await peer('jwks-rsa');
      // The sample makes a client for each request.
      return callback(async (kid) => {
        const client = jwksRsa({ jwksUri: address.jwksUri });
        return (await client.getSigningKey(kid)).getPublicKey();
      }, address);
    },
  },
  {
    name: 'aws-jwt-verify, verify (documented)',
    make: async (address) => {
      const verifier = await awsVerifier(address);
      return (token) => verifier.verify(token);
    },
  },
  {
    name: 'aws-jwt-verify, verifySync (best)',
    keyInHand: true,
    make: async (address) => {
      const verifier = await awsVerifier(address);
      await verifier.hydrate();
      return (token) => verifier.verifySync(token);
    },
  },
  {
    name: 'fast-jwt, get-jwks (documented)',
    async make({ issuer, audience, jwksUri }) {
      const { createVerifier } = await peer('fast-jwt');
      const { default: buildGetJwks } = await peer('get-jwks');
      const getJwks = buildGetJwks({ jwksPath: new URL(jwksUri).pathname, issuersWhitelist: [issuer] });
      const key = ({ header }: { header: { kid: string; alg: string } }) =>
        getJwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: issuer });
      return createVerifier({ key, algorithms: ['RS256'], allowedIss: issuer, allowedAud: audience });
    },
  },
  {
    name: 'fast-jwt, a PEM (best)',
    keyInHand: true,
    async make(address) {
      const { createVerifier } = await peer('fast-jwt');
      const key = (await keyOf(address)).export({ format: 'pem', type: 'spki' });
      const { issuer: allowedIss, audience: allowedAud } = address;
      return createVerifier({ key, algorithms: ['RS256'], allowedIss, allowedAud });
    },
  },
];

/** It speaks https alone, so the fetch is Node's. */
async function awsVerifier({ issuer, audience, jwksUri }: IssuerAddress) {
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
