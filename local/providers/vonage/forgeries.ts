import { createHash, generateKeyPairSync } from 'node:crypto';
import type { RejectionReason } from '../../../shared/reasons.ts';
import { hs256, rs256, signingInput } from '../../fakes/token.ts';
import type { VonageSender } from './project.ts';
import { forgery, withHeaders, withToken } from '../forgery.ts';
import type { Forgery, Genuine } from '../forgery.ts';
import type { OutgoingRequest } from '../../http/request.ts';

/** A genuine callback of the kind `archive`, and the project that signs it. */
export type GenuineVonage = Genuine & { readonly vonage: VonageSender };
type VonageForgery = Forgery<GenuineVonage>;

const KIND = 'archive';
const bodyOf = ({ request }: GenuineVonage) => String(request.body);

/** Signed as Vonage signs, with another header, other claims or another secret. */
function signed(
  { request, vonage }: GenuineVonage,
  change: {
    claims?: Record<string, unknown>;
    header?: Record<string, unknown>;
    secret?: string | Uint8Array;
  },
): OutgoingRequest {
  const header = { ...vonage.header(), ...change.header };
  const claims = { ...vonage.claims(request.body), ...change.claims };
  return withToken({ request }, hs256(header, claims, change.secret ?? vonage.secretOf(KIND)));
}

const claiming = (
  name: string,
  reason: RejectionReason,
  claims: (genuine: GenuineVonage) => Record<string, unknown>,
) => forgery<GenuineVonage>(name, reason, (genuine) => signed(genuine, { claims: claims(genuine) }));
const withSecret = (name: string, secret: (genuine: GenuineVonage) => string | Uint8Array) =>
  forgery<GenuineVonage>(name, 'token-signature', (genuine) => signed(genuine, { secret: secret(genuine) }));

let ownKey: ReturnType<typeof newOwnKey> | undefined;
const newOwnKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const now = () => Math.floor(Date.now() / 1000);
const sha256 = (text: string) => createHash('sha256').update(text);

const algorithms: readonly VonageForgery[] = [
  ...['HS384', 'HS512', 'none', 'hs256', ''].map((alg) =>
    forgery<GenuineVonage>(`vonage-alg-${alg || 'empty'}`, 'token-algorithm', (genuine) =>
      signed(genuine, { header: { alg } }),
    ),
  ),
  forgery('vonage-rs256-with-own-key', 'token-algorithm', ({ request, vonage }) => {
    const { privateKey } = (ownKey ??= newOwnKey());
    const header = { ...vonage.header(), alg: 'RS256' };
    return withToken({ request }, rs256(header, vonage.claims(request.body), { privateKey }));
  }),
  forgery('vonage-unsigned', 'token-malformed', ({ request, vonage }) =>
    withToken({ request }, `${signingInput(vonage.header(), vonage.claims(request.body))}.`),
  ),
];

const secrets: readonly VonageForgery[] = [
  withSecret('vonage-secret-empty', () => ''),
  withSecret('vonage-secret-nul', () => '\0'),
  withSecret('vonage-secret-common', () => 'secret'),
  withSecret('vonage-secret-of-another-kind', ({ vonage }) => vonage.secretOf('sip')),
  withSecret('vonage-secret-is-the-api-key', ({ vonage }) => vonage.apiKey),
  withSecret('vonage-secret-is-a-public-key', () =>
    (ownKey ??= newOwnKey()).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ),
];

const projects: readonly VonageForgery[] = [
  ...Object.entries({
    'of-another': '49999999',
    path: '../../another-secret',
    proto: '__proto__',
    missing: undefined,
    empty: '',
    array: ['41111111'],
  }).map(([what, api_key]) => claiming(`vonage-api-key-${what}`, 'token-project', () => ({ api_key }))),
  claiming('vonage-api-key-number', 'token-project', ({ vonage }) => ({ api_key: Number(vonage.apiKey) })),
  claiming('vonage-application-of-another', 'token-project', () => ({ application_id: 'another' })),
  claiming('vonage-application-missing', 'token-project', () => ({ application_id: undefined })),
  claiming('vonage-issuer', 'token-issuer', () => ({ iss: 'vonage' })),
  claiming('vonage-issuer-missing', 'token-issuer', () => ({ iss: undefined })),
];

const hashes: readonly VonageForgery[] = [
  claiming('vonage-hash-missing', 'payload-hash-malformed', () => ({ payload_hash: undefined })),
  claiming('vonage-hash-empty', 'payload-hash-malformed', () => ({ payload_hash: '' })),
  claiming('vonage-hash-upper-case', 'payload-hash-malformed', (genuine) => ({
    payload_hash: sha256(bodyOf(genuine)).digest('hex').toUpperCase(),
  })),
  claiming('vonage-hash-base64', 'payload-hash-malformed', (genuine) => ({
    payload_hash: sha256(bodyOf(genuine)).digest('base64'),
  })),
  claiming('vonage-hash-array', 'payload-hash-malformed', (genuine) => ({
    payload_hash: [sha256(bodyOf(genuine)).digest('hex')],
  })),
  claiming('vonage-hash-of-nothing', 'payload-hash-wrong', () => ({
    payload_hash: sha256('').digest('hex'),
  })),
  forgery('vonage-hash-of-the-reserialised-body', 'payload-hash-wrong', ({ request, vonage }) =>
    // The members are the same, the bytes are not.
    ({ ...request, body: JSON.stringify(JSON.parse(bodyOf({ request, vonage })), undefined, 1) }),
  ),
  forgery('vonage-body-altered', 'payload-hash-wrong', ({ request }) => ({
    ...request,
    body: String(request.body).replace('available', 'deleted'),
  })),
  forgery('vonage-body-longer', 'payload-hash-wrong', ({ request }) => ({
    ...request,
    body: `${String(request.body)} `,
  })),
];

const ages: readonly VonageForgery[] = [
  claiming('vonage-iat-missing', 'token-issued-missing', () => ({ iat: undefined })),
  claiming('vonage-iat-null', 'token-issued-missing', () => ({ iat: null })),
  claiming('vonage-iat-words', 'token-claim-invalid', () => ({ iat: new Date().toISOString() })),
  claiming('vonage-iat-in-digits-a-year-ago', 'token-too-old', () => ({
    iat: String(now() - 365 * 86_400),
  })),
  claiming('vonage-iat-in-future', 'token-issued-in-future', () => ({ iat: now() + 3600 })),
  claiming('vonage-iat-in-milliseconds', 'token-issued-in-future', () => ({ iat: Date.now() })),
  claiming('vonage-iat-a-year-ago', 'token-too-old', () => ({ iat: now() - 365 * 86_400 })),
  claiming('vonage-iat-just-too-old', 'token-too-old', () => ({ iat: now() - 87_300 - 120 })),
  claiming('vonage-jti-number', 'token-claim-invalid', () => ({ jti: 7 })),
];

const carriage: readonly VonageForgery[] = [
  forgery('vonage-token-basic', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Basic ${token}`]]),
  ),
  forgery('vonage-token-empty', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, () => [['authorization', '']]),
  ),
  forgery('vonage-token-twice', 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ]),
  ),
  forgery('vonage-header-crit', 'token-header-refused', (genuine) =>
    signed(genuine, { header: { crit: ['exp'] } }),
  ),
  forgery('vonage-on-the-route-of-another-kind', 'token-signature', ({ request }) => ({
    ...request,
    url: request.url.replace(KIND, 'sip'),
  })),
];

export const callbackForgeries: Readonly<Record<string, readonly VonageForgery[]>> = {
  'The algorithm of a Vonage token': algorithms,
  'The secret of a Vonage token': secrets,
  'The project of a Vonage token': projects,
  'The hash of a Vonage body': hashes,
  'The age of a Vonage token': ages,
  'How a Vonage token is carried': carriage,
};
