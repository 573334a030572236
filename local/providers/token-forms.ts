import type { Part } from '../fakes/token.ts';
import type { OutgoingRequest } from '../http/request.ts';
import { withHeaders } from './forgery.ts';
import type { GenuineToSend } from './tested-sender.ts';

// Genuine tokens in other forms than that of the fakes: what RFC 7515, RFC 7519 and RFC 8259 allow, and what some issuers write
// besides. Each form changes one thing.

type Members = Readonly<Record<string, unknown>>;

/** Header and claims of a genuine token, in another form. What is absent stays as it is. */
export type TokenForm = {
  readonly name: string;
  /** What is odd about it, where no RFC demands that it is accepted. */
  readonly odd?: string;
  readonly header?: (header: Members) => Part;
  readonly claims?: (claims: Members) => Part;
};

const now = () => Math.floor(Date.now() / 1000);
const json = (members: Members) => JSON.stringify(members);
const without = (members: Members, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
const reversed = (members: Members) => Object.fromEntries(Object.entries(members).toReversed());
/** Writes the first letter of the first name as an escape. */
const escapedName = (members: Members) =>
  json(members).replace(/"(\w)/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`);
/** Writes the first letter of the first text as an escape. */
const escapedText = (members: Members) =>
  json(members).replace(/:"(\w)/, (_, letter: string) => `:"\\u00${letter.charCodeAt(0).toString(16)}`);

/** How JSON is written, and what a reader of a token has to ignore. For any sender. */
export const writtenForms: readonly TokenForm[] = [
  { name: 'header-without-typ', header: (header) => without(header, 'typ') },
  { name: 'header-typ-in-lower-case', header: (header) => ({ ...header, typ: 'jwt' }) },
  { name: 'header-in-another-order', header: reversed },
  { name: 'header-with-white-space', header: (header) => JSON.stringify(header, undefined, 2) },
  { name: 'header-with-an-escaped-name', header: escapedName },
  { name: 'header-with-an-escaped-text', header: escapedText },
  { name: 'header-with-an-unknown-member', header: (header) => ({ ...header, 'x-version': [1, null] }) },
  { name: 'claims-in-another-order', claims: reversed },
  { name: 'claims-with-white-space', claims: (claims) => ` \t\r\n${JSON.stringify(claims, undefined, 2)}\n` },
  { name: 'claims-with-an-escaped-name', claims: escapedName },
  { name: 'claims-with-an-escaped-text', claims: escapedText },
  {
    name: 'claims-with-an-escaped-slash',
    claims: (claims) => json({ ...claims, note: 'a/b' }).replaceAll('/', '\\/'),
  },
  { name: 'claims-with-letters-beyond-ascii', claims: (claims) => ({ ...claims, name: 'Zoë 電話 ☎️' }) },
  {
    name: 'claims-with-a-surrogate-pair',
    claims: (claims) => json({ ...claims, note: '-' }).replace('"-"', '"\\ud83d\\ude00"'),
  },
  {
    name: 'claims-with-unknown-members',
    claims: (claims) => ({
      ...claims,
      ext: { list: [1, null, true, {}], float: -1.5e-7 },
      none: null,
      '': 0,
    }),
  },
  { name: 'claims-of-three-kilobytes', claims: (claims) => ({ ...claims, note: 'n'.repeat(3000) }) },
];

/** For tokens with an expiry. */
export const expiryForms: readonly TokenForm[] = [
  { name: 'exp-with-a-fraction', claims: (claims) => ({ ...claims, exp: Number(claims['exp']) - 0.5 }) },
  {
    name: 'exp-with-an-exponent',
    claims: (claims) => json(claims).replace(/"exp":(\d+)(\d)/, '"exp":$1.$2e1'),
  },
  { name: 'exp-in-a-minute', claims: (claims) => ({ ...claims, exp: now() + 60 }) },
];

/** For tokens of an issuer that publishes its keys. */
export const issuerForms: readonly TokenForm[] = [
  ...writtenForms,
  ...expiryForms,
  { name: 'header-typ-at-jwt', header: (header) => ({ ...header, typ: 'at+jwt' }) },
  { name: 'header-with-x5t', header: (header) => ({ ...header, x5t: 'dGh1bWJwcmludC1vZi1ub3RoaW5n' }) },
  { name: 'aud-in-a-list', claims: ({ aud, ...claims }) => ({ ...claims, aud: [aud] }) },
  {
    name: 'aud-in-a-list-with-another',
    claims: ({ aud, ...claims }) => ({ ...claims, aud: ['https://other.example', aud] }),
  },
  { name: 'without-jti', claims: (claims) => without(claims, 'jti') },
  { name: 'without-nbf', claims: (claims) => without(claims, 'nbf') },
  { name: 'without-iat', claims: (claims) => without(claims, 'iat') },
  { name: 'without-iat-nbf-and-jti', claims: (claims) => without(claims, 'iat', 'nbf', 'jti') },
  { name: 'iat-with-a-fraction', claims: (claims) => ({ ...claims, iat: now() - 0.25 }) },
  {
    name: 'dated-back-five-minutes',
    claims: (claims) => ({ ...claims, iat: now() - 295, nbf: now() - 295 }),
  },
  { name: 'with-sub', claims: (claims) => ({ ...claims, sub: 'a-subject' }) },
];

/** Not in the RFCs, but written by common classes (`null` and empty text for what is not set), or by a clock that is ahead. */
export const lenientForms: readonly TokenForm[] = [
  { name: 'iat-in-digits', odd: 'iat is text', claims: (claims) => ({ ...claims, iat: String(now()) }) },
  { name: 'iat-null', odd: 'iat is null', claims: (claims) => ({ ...claims, iat: null }) },
  { name: 'nbf-null', odd: 'nbf is null', claims: (claims) => ({ ...claims, nbf: null }) },
  { name: 'jti-null', odd: 'jti is null', claims: (claims) => ({ ...claims, jti: null }) },
  { name: 'jti-empty', odd: 'jti is empty', claims: (claims) => ({ ...claims, jti: '' }) },
  { name: 'typ-null', odd: 'typ is null', header: (header) => ({ ...header, typ: null }) },
  {
    name: 'issued-by-a-clock-20-seconds-ahead',
    odd: 'iat and nbf are 20 seconds ahead',
    claims: (claims) => ({ ...claims, iat: now() + 20, nbf: now() + 20 }),
  },
];

/** A GUID has no case, and the tools of Azure differ in it. */
export const guidForms: readonly TokenForm[] = [
  {
    name: 'aud-in-upper-case',
    odd: 'the GUID in aud is in upper case',
    claims: ({ aud, ...claims }) => ({ ...claims, aud: String(aud).toUpperCase() }),
  },
];

/** Header and claims in a form. */
export const inForm = ({ header, claims }: TokenForm, parts: { header: Members; claims: Members }) => ({
  header: header?.(parts.header) ?? parts.header,
  claims: claims?.(parts.claims) ?? parts.claims,
});

/** The names of the families of genuine requests. */
export const TOKEN_FORMS = {
  allowed: 'Genuine: forms of the token in the RFCs',
  lenient: 'Genuine: forms of the token beyond the RFCs',
  carried: 'Genuine: how the token is carried',
  header: 'Genuine: the header that Microsoft names',
  request: 'Genuine: forms of the request',
};

export const inForms = (
  forms: readonly TokenForm[],
  make: (form: TokenForm) => OutgoingRequest,
): readonly GenuineToSend[] =>
  forms.map((form) => ({ name: form.name, odd: form.odd, make: () => make(form) }));

/** RFC 6750 and RFC 9110: a scheme and the name of a header have no case, and spaces may be several. */
export function bearerForms(genuine: () => OutgoingRequest): readonly GenuineToSend[] {
  const carried = (name: string, header: (token: string) => readonly [string, string]) => ({
    name,
    make: () => withHeaders({ request: genuine() }, (token) => [header(token)]),
  });
  return [
    carried('scheme-in-lower-case', (token) => ['authorization', `bearer ${token}`]),
    carried('scheme-in-upper-case', (token) => ['authorization', `BEARER ${token}`]),
    carried('scheme-and-two-spaces', (token) => ['authorization', `Bearer  ${token}`]),
    carried('header-name-in-upper-case', (token) => ['AUTHORIZATION', `Bearer ${token}`]),
  ];
}

/**
 * Other bodies and content types of a request whose body is a JSON array of CloudEvents. Nothing of a body is signed.
 *
 * @param event makes one more event
 */
export function requestForms(genuine: () => OutgoingRequest, event: () => object): readonly GenuineToSend[] {
  const sent = (name: string, content: unknown, type = 'application/json', indent?: number) => ({
    name,
    make: () => {
      const { headers, ...request } = genuine();
      const body = JSON.stringify(typeof content === 'function' ? content() : content, undefined, indent);
      const others = headers.filter(([header]) => header !== 'content-type');
      return { ...request, headers: [...others, ['content-type', type] as const], body };
    },
  });
  return [
    sent('three-events', () => [event(), event(), event()]),
    sent('an-event-of-an-unknown-type', () => [ofUnknownType(event())]),
    sent('an-event-with-unknown-members', () => [{ ...event(), traceparent: '00-0-0-00', more: [null] }]),
    sent('letters-beyond-ascii', () => [{ ...event(), note: 'Zoë 電話 ☎️' }]),
    sent('a-body-with-white-space', () => [event()], 'application/json', 2),
    sent('a-content-type-with-charset', () => [event()], 'application/json; charset=utf-8'),
    sent('a-content-type-in-other-case', () => [event()], 'Application/JSON; Charset="UTF-8"'),
    sent('a-batch-of-cloudevents', () => [event()], 'application/cloudevents-batch+json; charset=utf-8'),
    sent('one-cloudevent', () => event(), 'application/cloudevents+json; charset=utf-8'),
  ];
}

/** In the schema of the event. */
const ofUnknownType = (event: object) => {
  const type = 'Microsoft.Communication.NotYetKnown';
  return { ...event, ...('eventType' in event ? { eventType: type } : { type }) };
};
