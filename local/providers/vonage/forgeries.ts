import { createHash } from 'node:crypto';
import type { VonageKind } from '../../../shared/events/vonage.ts';
import type { RejectionReason } from '../../../shared/reasons.ts';
import { hs256 } from '../../fakes/token.ts';
import type { VonageSigner } from './project.ts';
import { algorithmForgeries, foreignKey } from '../algorithm-forgeries.ts';
import { forgery, withHeaders, withToken } from '../forgery.ts';
import type { Forgery, Genuine } from '../forgery.ts';
import type { OutgoingRequest } from '../../http/request.ts';

/** A genuine callback, and what signs it. */
export type GenuineVonage = Genuine & {
  readonly vonage: VonageSigner;
  /** Of Video, where each kind has a secret of its own: its kind, and one with another secret. */
  readonly kinds?: readonly [of: VonageKind, another: VonageKind];
};
export type VonageForgery = Forgery<GenuineVonage>;
export type VonageFamilies = Readonly<Record<string, readonly VonageForgery[]>>;

const VIDEO_KINDS = ['archive', 'sip'] as const;

/** What Vonage hashes: the body, or of a GET its parameters as JSON, in their order. */
export const payloadOf = ({ method, url, body }: Omit<OutgoingRequest, 'headers'>) =>
  method === 'GET' ? JSON.stringify(Object.fromEntries(new URL(url).searchParams)) : String(body);

/** Signed as Vonage signs, but with another header, other claims or another secret. */
export function signed(
  { request, vonage, kinds: [kind] = VIDEO_KINDS }: GenuineVonage,
  change: {
    claims?: Record<string, unknown>;
    header?: Record<string, unknown>;
    secret?: string | Uint8Array;
  },
): OutgoingRequest {
  const header = { ...vonage.header(), ...change.header };
  const claims = { ...vonage.claims(payloadOf(request)), ...change.claims };
  return withToken({ request }, hs256(header, claims, change.secret ?? vonage.secretOf(kind)));
}

export const claiming = (
  name: string,
  reason: RejectionReason,
  claims: (genuine: GenuineVonage) => Record<string, unknown>,
) => forgery<GenuineVonage>(name, reason, (genuine) => signed(genuine, { claims: claims(genuine) }));
const withSecret = (name: string, secret: (genuine: GenuineVonage) => string | Uint8Array) =>
  forgery<GenuineVonage>(name, 'token-signature', (genuine) => signed(genuine, { secret: secret(genuine) }));

const now = () => Math.floor(Date.now() / 1000);
const sha256 = (text: string) => createHash('sha256').update(text);

const algorithms = (of: string): readonly VonageForgery[] =>
  algorithmForgeries(of, ({ request, vonage, kinds: [kind] = VIDEO_KINDS }) => ({
    header: vonage.header(),
    claims: vonage.claims(payloadOf(request)),
    secret: vonage.secretOf(kind),
    carry: (token) => withToken({ request }, token),
  }));

const secrets = (of: string): readonly VonageForgery[] => [
  withSecret(`${of}-secret-empty`, () => ''),
  withSecret(`${of}-secret-nul`, () => '\0'),
  withSecret(`${of}-secret-common`, () => 'secret'),
  withSecret(`${of}-secret-is-the-api-key`, ({ vonage }) => vonage.apiKey),
  withSecret(`${of}-secret-is-a-public-key`, () =>
    foreignKey().publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ),
];

const projects = (of: string): readonly VonageForgery[] => [
  ...Object.entries({
    'of-another': '49999999',
    path: '../../another-secret',
    proto: '__proto__',
    missing: undefined,
    empty: '',
    array: ['41111111'],
  }).map(([what, api_key]) => claiming(`${of}-api-key-${what}`, 'token-project', () => ({ api_key }))),
  claiming(`${of}-api-key-number`, 'token-project', ({ vonage }) => ({ api_key: Number(vonage.apiKey) })),
  claiming(`${of}-application-of-another`, 'token-project', () => ({ application_id: 'another' })),
  claiming(`${of}-application-missing`, 'token-project', () => ({ application_id: undefined })),
  claiming(`${of}-issuer`, 'token-issuer', () => ({ iss: 'vonage' })),
  claiming(`${of}-issuer-missing`, 'token-issuer', () => ({ iss: undefined })),
];

const hashes = (of: string): readonly VonageForgery[] => [
  claiming(`${of}-hash-missing`, 'payload-hash-malformed', () => ({ payload_hash: undefined })),
  claiming(`${of}-hash-empty`, 'payload-hash-malformed', () => ({ payload_hash: '' })),
  claiming(`${of}-hash-upper-case`, 'payload-hash-malformed', ({ request }) => ({
    payload_hash: sha256(payloadOf(request)).digest('hex').toUpperCase(),
  })),
  claiming(`${of}-hash-base64`, 'payload-hash-malformed', ({ request }) => ({
    payload_hash: sha256(payloadOf(request)).digest('base64'),
  })),
  claiming(`${of}-hash-array`, 'payload-hash-malformed', ({ request }) => ({
    payload_hash: [sha256(payloadOf(request)).digest('hex')],
  })),
  claiming(`${of}-hash-of-nothing`, 'payload-hash-wrong', () => ({
    payload_hash: sha256('').digest('hex'),
  })),
];

/** Forgeries of a POST. `of` begins their names, `sender` is for the title. */
export const bodyForgeries = (of: string, sender: string): VonageFamilies => ({
  [`The body of a ${sender} callback`]: [
    forgery(`${of}-hash-of-the-reserialised-body`, 'payload-hash-wrong', ({ request }) =>
      // The members are the same, the bytes are not.
      ({ ...request, body: JSON.stringify(JSON.parse(String(request.body)), undefined, 1) }),
    ),
    forgery(`${of}-body-altered`, 'payload-hash-wrong', ({ request }) => ({
      ...request,
      body: String(request.body).replace('{', '{"altered":true,'),
    })),
    forgery(`${of}-body-longer`, 'payload-hash-wrong', ({ request }) => ({
      ...request,
      body: `${String(request.body)} `,
    })),
  ],
});

const ages = (of: string): readonly VonageForgery[] => [
  claiming(`${of}-iat-missing`, 'token-issued-missing', () => ({ iat: undefined })),
  claiming(`${of}-iat-null`, 'token-issued-missing', () => ({ iat: null })),
  claiming(`${of}-iat-words`, 'token-claim-invalid', () => ({ iat: new Date().toISOString() })),
  claiming(`${of}-iat-in-digits-a-year-ago`, 'token-too-old', () => ({
    iat: String(now() - 365 * 86_400),
  })),
  claiming(`${of}-iat-in-future`, 'token-issued-in-future', () => ({ iat: now() + 3600 })),
  claiming(`${of}-iat-in-milliseconds`, 'token-issued-in-future', () => ({ iat: Date.now() })),
  claiming(`${of}-iat-a-year-ago`, 'token-too-old', () => ({ iat: now() - 365 * 86_400 })),
  claiming(`${of}-iat-just-too-old`, 'token-too-old', () => ({ iat: now() - 87_300 - 120 })),
  claiming(`${of}-jti-number`, 'token-claim-invalid', () => ({ jti: 7 })),
];

const carriage = (of: string): readonly VonageForgery[] => [
  forgery(`${of}-token-basic`, 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [['authorization', `Basic ${token}`]]),
  ),
  forgery(`${of}-token-empty`, 'token-not-bearer', (genuine) =>
    withHeaders(genuine, () => [['authorization', '']]),
  ),
  forgery(`${of}-token-twice`, 'token-not-bearer', (genuine) =>
    withHeaders(genuine, (token) => [
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ]),
  ),
  forgery(`${of}-header-crit`, 'token-header-refused', (genuine) =>
    signed(genuine, { header: { crit: ['exp'] } }),
  ),
];

/** Forgeries of the token of any callback. `of` begins their names, `sender` is for the titles. */
export const tokenForgeries = (of: string, sender: string): VonageFamilies => ({
  [`The algorithm of a ${sender} token`]: algorithms(of),
  [`The secret of a ${sender} token`]: secrets(of),
  [`The project of a ${sender} token`]: projects(of),
  [`The hash in a ${sender} token`]: hashes(of),
  [`The age of a ${sender} token`]: ages(of),
  [`How a ${sender} token is carried`]: carriage(of),
});

/** Of Video, where each kind has a secret of its own. */
export const callbackForgeries: VonageFamilies = {
  ...tokenForgeries('vonage', 'Vonage'),
  ...bodyForgeries('vonage', 'Vonage'),
  'The kind of a Vonage callback': [
    withSecret('vonage-secret-of-another-kind', ({ vonage, kinds: [, another] = VIDEO_KINDS }) =>
      vonage.secretOf(another),
    ),
    forgery(
      'vonage-on-the-route-of-another-kind',
      'token-signature',
      ({ request, kinds: [, another] = VIDEO_KINDS }) => ({
        ...request,
        url: request.url.replace(/[^/]+$/, another),
      }),
    ),
  ],
};
