import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { SecretVersion } from '../secrets/versions.ts';
import type { Check } from './check.ts';
import { hmacSha256 } from './hmac.ts';
import { bearerToken, parseCompactJws, checkHeader } from './jwt.ts';
import { summarizeClaims, numericDate } from './claims.ts';
import type { CompactJws } from './jwt.ts';
import type { JsonObject } from './strict-json.ts';
import { reject } from './check.ts';

/** A project of ours at Vonage; with an application, its callbacks have to name it. */
export type VonageProject = { readonly apiKey: string; readonly applicationId?: string | undefined };

/** The signature secrets that are in force for a project and the kind of callback, the newest first. */
export type VonageSecrets = (project: string, signal: AbortSignal) => Promise<readonly SecretVersion[]>;

/**
 * The token of a Vonage Video callback: HS256 with a secret that Vonage and we share. It has no expiry, so its age is
 * held here, and a repeat is held by the ledger.
 * https://developer.vonage.com/en/video/guides/secure-callbacks
 *
 * @param maxAgeSeconds long enough for the last retry of a callback that was never taken
 */
export function vonageToken(options: {
  projects: readonly VonageProject[];
  secrets: VonageSecrets;
  maxAgeSeconds: number;
  toleranceSeconds: number;
  clock: Clock;
}): Check {
  const { projects, secrets } = options;
  return {
    name: 'vonage-token',
    async run({ headers }, signal) {
      // Rarely, and by an error of theirs, Vonage sends a callback unsigned, and sends it again after a 5xx.
      if (headers.get('authorization') === null) throw new Outage('callback-unsigned');
      const jws = parseCompactJws(bearerToken(headers, ['authorization']));
      checkHeader(jws.header, 'HS256');
      const { claims } = jws;
      if (claims['iss'] !== 'Vonage') reject('token-issuer');
      // What the sender claims chooses among our projects; it never names a secret of its own choosing.
      const project = projects.find((one) => isOf(one, claims)) ?? reject('token-project');
      checkAge(claims, options);
      const payloadHash = payloadHashOf(claims);
      const versions = await secrets(project.apiKey, signal);
      if (!versions.some((version) => isSignedWith(jws, version))) reject('token-signature');
      const told = summarizeClaims(claims, options.clock.now());
      return {
        sender: 'Vonage',
        project: project.apiKey,
        payloadHash,
        tokenId: tokenIdOf(jws),
        claims: told,
      };
    },
  };
}

/** Holds the body against the hash in the proved token: the raw bytes, as they came. */
export const bodyHash: Check = {
  name: 'body-hash',
  run({ body }, _signal, { payloadHash = '' }) {
    const actual = hash('sha256', body, 'buffer');
    const claimed = Buffer.from(payloadHash, 'hex');
    if (claimed.length !== actual.length || !timingSafeEqual(claimed, actual)) reject('payload-hash-wrong');
    return {};
  },
};

function isOf({ apiKey, applicationId }: VonageProject, claims: JsonObject): boolean {
  return (
    claims['api_key'] === apiKey &&
    (applicationId === undefined || claims['application_id'] === applicationId)
  );
}

function checkAge(
  claims: JsonObject,
  {
    maxAgeSeconds,
    toleranceSeconds,
    clock,
  }: { maxAgeSeconds: number; toleranceSeconds: number; clock: Clock },
): void {
  const now = clock.now();
  const issued = numericDate(claims['iat']) ?? reject('token-issued-missing');
  if (issued > now + toleranceSeconds) reject('token-issued-in-future');
  if (now - issued > maxAgeSeconds + toleranceSeconds) reject('token-too-old');
  // Not promised, but where they are there they hold.
  const expires = numericDate(claims['exp']);
  if (expires !== undefined && now >= expires + toleranceSeconds) reject('token-expired');
  const starts = numericDate(claims['nbf']);
  if (starts !== undefined && starts > now + toleranceSeconds) reject('token-not-yet-valid');
}

function payloadHashOf(claims: JsonObject): string {
  const hash = claims['payload_hash'];
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) reject('payload-hash-malformed');
  return hash;
}

function isSignedWith({ signed, signature }: CompactJws, { secret }: SecretVersion): boolean {
  const mac = hmacSha256(secret, signed);
  return signature.length === mac.length && timingSafeEqual(signature, mac);
}

/** Its `jti`, or else what its signature is made of. */
function tokenIdOf({ claims, signature }: CompactJws): string {
  const jti = claims['jti'];
  if (jti !== undefined && (typeof jti !== 'string' || jti === '')) reject('token-claim-invalid');
  return jti ?? hash('sha256', signature, 'base64url');
}
