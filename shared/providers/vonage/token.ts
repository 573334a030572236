import type { Clock } from '../../clock.ts';
import { Outage, reject } from '../../errors.ts';
import type { SecretVersion } from '../../secrets/versions.ts';
import { integer } from '../../settings/parse.ts';
import { row } from '../../settings/table.ts';
import { checkHash } from '../../verification/body-hash.ts';
import type { Check } from '../../verification/check.ts';
import { issuedAt, optionalDate, summarizeClaims, tokenIdentifier } from '../../verification/claims.ts';
import {
  bearerToken,
  checkHeader,
  hs256Key,
  isSignedWithAny,
  parseCompactJws,
  signatureHash,
} from '../../verification/jwt.ts';
import type { CompactJws } from '../../verification/jwt.ts';
import type { JsonObject } from '../../verification/strict-json.ts';

/** One of our projects at Vonage. Where it has an application, its callbacks must name that application. */
export type VonageProject = { readonly apiKey: string; readonly applicationId?: string | undefined };

/**
 * The published source addresses of every Vonage sender.
 * Source: https://developer.vonage.com/en/video/getting-started/allowed-ip-addresses, January 2024.
 */
export const PUBLISHED_RANGES = ['216.147.0.0/18'];

/** Vonage asks for a 5xx where it should send a callback again. */
export const UNAVAILABLE_STATUS = 503;

/** Letters, digits and dashes, because it becomes part of the name of a secret. */
export function vonageProject(text: string): VonageProject {
  const [, apiKey, applicationId] = /^([A-Za-z0-9-]{1,64})(?::([A-Za-z0-9-]{1,64}))?$/.exec(text) ?? [];
  if (!apiKey) throw new Error('is neither apiKey nor apiKey:applicationId');
  return { apiKey, applicationId };
}

/** How old a callback may be: of Video, Voice and Messages alike. */
export const maxAgeRow = row({
  meaning: 'How old a Vonage callback may be, in seconds: retries last a day',
  default: '87300',
  parse: integer(60, 2 * 86400 - 600),
});

/** The signature secret of a project for a kind of callback. */
export type VonageSecret = {
  /** Those in force, the newest first. */
  readonly versions: readonly SecretVersion[];
  /** Whether it serves other kinds as well. */
  readonly isShared: boolean;
  /** Whether these are all versions in force. */
  readonly isComplete: boolean;
};
export type VonageSecrets = (project: VonageProject, signal: AbortSignal) => Promise<VonageSecret>;

type VonageTokenOptions = {
  readonly projects: readonly VonageProject[];
  readonly secrets: VonageSecrets;
  /** Long enough for the last retry of a callback that was never delivered. */
  readonly maxAgeSeconds: number;
  readonly toleranceSeconds: number;
  readonly clock: Clock;
};

/**
 * The token of a Vonage callback, of Video, Voice and Messages alike: HS256 with a secret that Vonage and the project share.
 * It has no expiry, so its age is limited here and the ledger rejects a replay.
 * https://developer.vonage.com/en/video/guides/secure-callbacks
 */
export function vonageToken(options: VonageTokenOptions): Check {
  const { projects, secrets, clock } = options;
  return {
    name: 'vonage-token',
    async run({ headers }, signal) {
      // Rare internal errors of Vonage send a callback unsigned. Vonage asks for a 5xx, and then sends it again signed.
      if (headers.get('authorization') === null) throw new Outage('callback-unsigned');
      const jws = parseCompactJws(bearerToken(headers, ['authorization']));
      const { header, claims } = jws;
      checkHeader(header, 'HS256');
      if (claims['iss'] !== 'Vonage') reject('token-issuer');
      // The claims choose among the configured projects; they cannot name any other secret.
      const project = chosen(projects, claims) ?? reject('token-project');
      checkAge(claims, options);
      const payloadHash = payloadHashOf(claims);
      const secret = await secrets(project, signal);
      await checkSecret(jws, secret);
      return {
        sender: 'Vonage',
        project: project.apiKey,
        ...(project.applicationId !== undefined && { application: project.applicationId }),
        isSecretShared: secret.isShared,
        payloadHash,
        tokenId: tokenIdentifier(claims) ?? signatureHash(jws),
        claims: summarizeClaims(claims, clock.now()),
      };
    },
  };
}

/**
 * Compares the hash in the verified token with that of a GET: it is over the parameters of its query.
 * https://api.support.vonage.com/hc/en-us/articles/19033783342876
 */
export const queryHash: Check = {
  name: 'query-hash',
  run: async ({ url }, _signal, verified) => checkHash(Buffer.from(queryJson(url)), verified),
};

/**
 * The parameters of a query as a JSON object without white space, in their order. An object of JavaScript would move names
 * of digits to the front. A repeated name stays twice, so that it fits no hash of Vonage.
 */
export const queryJson = ({ searchParams }: URL) =>
  `{${[...searchParams].map((pair) => pair.map((text) => JSON.stringify(text)).join(':')).join()}}`;

/** Where the value of a version is missing, the token may be signed with that version. */
async function checkSecret(jws: CompactJws, { versions, isComplete }: VonageSecret): Promise<void> {
  const keys = versions.map(({ key }) => hs256Key(key));
  if (await isSignedWithAny(jws, 'HS256', keys)) return;
  if (!isComplete) throw new Outage('vonage-secret-unavailable');
  reject('token-signature');
}

/** A project with an application goes before one that takes any. */
function chosen(projects: readonly VonageProject[], claims: JsonObject): VonageProject | undefined {
  const ofAccount = projects.filter(({ apiKey }) => apiKey === claims['api_key']);
  return (
    ofAccount.find(
      ({ applicationId }) => applicationId !== undefined && applicationId === claims['application_id'],
    ) ?? ofAccount.find(({ applicationId }) => applicationId === undefined)
  );
}

function checkAge(claims: JsonObject, { maxAgeSeconds, toleranceSeconds, clock }: VonageTokenOptions): void {
  const now = clock.now();
  const issued = issuedAt(claims) ?? reject('token-issued-missing');
  if (issued > now + toleranceSeconds) reject('token-issued-in-future');
  if (now - issued > maxAgeSeconds + toleranceSeconds) reject('token-too-old');
  // Vonage does not document `exp` and `nbf`. They count where they are present.
  const expires = optionalDate(claims['exp']);
  if (expires !== undefined && now >= expires + toleranceSeconds) reject('token-expired');
  const starts = optionalDate(claims['nbf']);
  if (starts !== undefined && starts > now + toleranceSeconds) reject('token-not-yet-valid');
}

function payloadHashOf(claims: JsonObject): string {
  const claim = claims['payload_hash'];
  if (typeof claim !== 'string' || !/^[0-9a-f]{64}$/.test(claim)) reject('payload-hash-malformed');
  return claim;
}
