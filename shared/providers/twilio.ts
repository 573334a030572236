import { isAscii } from 'node:buffer';
import { createHmac, hash, randomUUID, timingSafeEqual } from 'node:crypto';
import { isJsonContentType, jsonObject } from '../delivery/body.ts';
import { routePath } from '../delivery/endpoint.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../delivery/endpoint.ts';
import { Outage, reject, Rejection } from '../errors.ts';
import { twilioKinds } from '../events/twilio.ts';
import type { TwilioContext, TwilioEvent, TwilioHandlers, TwilioKind } from '../events/twilio.ts';
import { allOf } from '../health.ts';
import { REMEMBERED_SECONDS } from '../ledger/ledger.ts';
import type { SecretVersion, SecretVersions } from '../secrets/versions.ts';
import { list, oneOf, ordinal } from '../settings/parse.ts';
import { BASE_URL, baseUrlOf, row } from '../settings/table.ts';
import { bodyHash } from '../verification/body-hash.ts';
import type { Check } from '../verification/check.ts';
import { queryValues } from '../verification/query.ts';
import type { ImpliedSecret, Provider } from './provider.ts';

const settings = {
  TWILIO_ACCOUNTS: row({
    meaning: 'Your account SIDs, separated by commas. Enables the Twilio routes',
    example: 'AC0123456789abcdef0123456789abcdef',
    parse: list(accountSid),
    // The signature covers the public URL.
    needs: [BASE_URL],
  }),
  TWILIO_SHARED_KEY_ALGORITHM: row({
    meaning: 'How a shared key of Twilio signs: `HMAC_SHA256` or `HMAC_SHA1`',
    default: 'HMAC_SHA256',
    parse: oneOf('HMAC_SHA256', 'HMAC_SHA1'),
  }),
};

/** Twilio ends a webhook after this time, connecting included. */
const WAIT_SECONDS = 15;
const UNAVAILABLE = 'twilio-secret-unavailable';

/** The webhooks of Twilio: calls that ask what to do, messages, and what changed. Signed with the account's auth token. */
export const twilio: Provider<typeof settings, { readonly twilio?: TwilioHandlers }> = {
  name: 'twilio',
  title: 'Twilio',
  page: 'twilio.md',
  settings,
  enabledBy: ['TWILIO_ACCOUNTS'],
  routes: [
    { name: 'twilio-callback', path: 'callbacks/twilio/{kind}', methods: ['POST'], unavailableStatus: 503 },
  ],
  waitSeconds: WAIT_SECONDS,
  secrets: ({ TWILIO_ACCOUNTS: accounts = [] }) =>
    accounts.flatMap((sid) => [authToken(sid), sharedKey(sid)]),

  create({ secrets }, given, handlers) {
    const baseUrl = baseUrlOf(given) ?? '';
    const accounts = (given.TWILIO_ACCOUNTS ?? []).map((sid, index): TwilioAccount => {
      // By its place: what stands there may be a secret in the wrong place.
      const label = `TWILIO_ACCOUNTS, ${ordinal(index + 1)}`;
      const token = secrets.required(authToken(sid).name, label, UNAVAILABLE);
      return [sid, token, secrets.optional(sharedKey(sid).name, `${label}, shared`, UNAVAILABLE)];
    });
    const checks = [twilioSignature(accounts, baseUrl, given.TWILIO_SHARED_KEY_ALGORITHM), bodyHash];
    const endpoints = twilioKinds.map((kind): Endpoint<TwilioWebhook> => ({
      provider: 'twilio',
      function: 'twilio-callback',
      method: 'POST',
      path: `callbacks/twilio/${kind}`,
      maxBodyBytes: MAX_BODY_BYTES,
      checks,
      unavailableStatus: 503,
      accepts: (type) =>
        isJsonContentType(type) || /^application\/x-www-form-urlencoded\b/i.test(String(type)),
      delivery: deliveryOf(kind, handlers.twilio ?? {}, baseUrl),
    }));
    const needed = accounts.flatMap(([, ...keys]) => keys);
    return { endpoints, dependencies: { 'twilio-secrets': allOf(needed) } };
  },
};

type TwilioAccount = readonly [sid: string, authToken: SecretVersions, sharedKey: SecretVersions];

export type TwilioAlgorithm = 'HMAC_SHA1' | 'HMAC_SHA256';

/** A form is decoded before it is verified, since its fields are what is signed. So both are bounded. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_FIELDS = 256;

/** Where a rule of the account has a shared key sign. Only its presence counts; it is not signed itself. */
const SETTINGS_HEADER = 'x-twilio-webhooks-signature-settings';

/** Of a JSON body, in the query. */
const statedHash = (url: URL) => queryValues(url, 'bodySHA256')[0];

/**
 * The signature of a webhook: an HMAC over the public URL and the fields of the form, or over the URL alone, which then has
 * the hash of a JSON body. https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
function twilioSignature(
  accounts: readonly TwilioAccount[],
  baseUrl: string,
  sharedKeyAlgorithm: TwilioAlgorithm,
): Check {
  return {
    name: 'twilio-signature',
    needsBody: true,
    async run({ url, headers, body }, signal) {
      const given = headers.get('x-twilio-signature') ?? '';
      const isShared = Boolean(headers.get(SETTINGS_HEADER));
      const algorithm = isShared ? sharedKeyAlgorithm : 'HMAC_SHA1';
      const form = signedForm(url, body);
      const texts = signedTexts(baseUrl, url, form);
      let outage: Outage | undefined;
      for (const [sid, token, shared] of accountsOf(form, accounts)) {
        const secret = isShared ? shared : token;
        const versions = await secret.present(signal).catch((thrown: Outage) => {
          outage = thrown;
          return [];
        });
        const text = findSigned(texts, versions, algorithm, given);
        if (text !== undefined) {
          return {
            project: sid,
            // Of JSON the hash that is signed with the URL; of a form, whose fields are signed, its own.
            payloadHash: statedHash(url) ?? hash('sha256', body, 'hex'),
            tokenId: hash('sha256', text, 'base64url'),
          };
        }
        // Where the value of a version is missing, the request may be signed with that version.
        if (!secret.isComplete()) outage ??= new Outage(UNAVAILABLE);
      }
      throw outage ?? new Rejection('twilio-signature');
    },
  };
}

/** The one account that the form names, or every configured one: a JSON body and an empty form name none. */
function accountsOf(form: Form, accounts: readonly TwilioAccount[]): readonly TwilioAccount[] {
  if (form.size === 0) return accounts;
  // The form chooses among the configured accounts; it cannot name any other secret.
  const chosen = accounts.filter(([sid]) => form.get('AccountSid')?.join() === sid);
  return chosen.length > 0 ? chosen : reject('twilio-account-unknown');
}

/** The values of each field, by its name: unique and sorted, because neither their number nor their order is signed. */
type Form = ReadonlyMap<string, readonly string[]>;

/**
 * The fields that are signed. Of a JSON body these are none: its hash is in the query, which is signed.
 *
 * Nothing marks where the signed URL ends and the fields begin. A caller with a captured request,
 * whose own text is in it, could make that text the hash of a JSON body. So neither fields in the query pass, nor a query in the fields.
 */
export function signedForm(url: URL, body: Uint8Array): Form {
  const form = new Map<string, string[]>();
  if (/AccountSidAC[0-9a-f]{32}/.test(url.search)) reject('twilio-signature');
  if (statedHash(url) !== undefined) return form;
  // A form is percent-encoded. Of other bytes each would become three, and be hashed in every spelling of the URL.
  if (!isAscii(body)) reject('twilio-signature');
  const text = Buffer.from(body).toString();
  // Twilio signs no such form. A parser of queries drops the question mark.
  if (text.startsWith('?') || text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) reject('twilio-signature');
  for (const [name, value] of new URLSearchParams(text)) {
    // No field of Twilio sorts before the letters, where the rest of a query would stand.
    if (name < 'A') reject('twilio-signature');
    form.set(name, [...new Set(form.get(name)).add(value)].sort());
  }
  return form;
}

/** Every text that Twilio may have signed for a request, the most likely first. */
export function signedTexts(baseUrl: string, { pathname, search }: URL, form: Form): readonly string[] {
  const names = [...form.keys()].sort();
  const fields = names.flatMap((name) => form.get(name)?.map((value) => name + value) ?? []);
  return withAndWithoutPort(baseUrl).flatMap((base) =>
    renderings(search).map((query) => [base, pathname, query, ...fields].join('')),
  );
}

/**
 * Spellings of a query in which what Twilio signs is known to differ from what arrives. All mean the same, so that another
 * spelling opens nothing.
 */
const SPELLINGS: readonly Readonly<Record<string, string>>[] = [
  // Signed as it is; every URL parser on the way encodes it, that of `@azure/functions` too.
  { '%27': "'" },
  // Signed as they are, and sent encoded.
  { '%40': '@', '%3A': ':' },
  { '@': '%40', ':': '%3A' },
  { '%20': '+' },
  { '+': '%20' },
];

function renderings(search: string): readonly string[] {
  let queries = [search];
  for (const spelling of SPELLINGS) {
    const respelled = queries.map((query) =>
      Object.entries(spelling).reduce((text, [one, other]) => text.replaceAll(one, other), query),
    );
    queries = [...new Set([...queries, ...respelled])];
  }
  return queries;
}

/** As configured, then without its port, or with the default one. */
const withAndWithoutPort = (baseUrl: string): readonly string[] => [
  baseUrl,
  baseUrl.replace(/^(\w+:\/\/(?:\[.*\]|[^/:]*))(:\d+)?/, (_, host: string, port?: string) =>
    port ? host : host + (/^https:/i.test(host) ? ':443' : ':80'),
  ),
];

/** The text that one of the versions signed. @param given in its one spelling: a repeated header has a comma */
export function findSigned(
  texts: readonly string[],
  versions: readonly SecretVersion[],
  algorithm: TwilioAlgorithm,
  given: string,
): string | undefined {
  const signature = Buffer.from(given);
  return texts.find((text) =>
    versions.some(({ key }) => {
      const mac = Buffer.from(createHmac(algorithm.slice(5), key).update(text).digest('base64'));
      return mac.length === signature.length && timingSafeEqual(mac, signature);
    }),
  );
}

type TwilioWebhook = VerifiedEvent & {
  readonly event: TwilioEvent;
  readonly query: Readonly<Record<string, string>>;
};

function deliveryOf(kind: TwilioKind, handlers: TwilioHandlers, baseUrl: string): Delivery<TwilioWebhook> {
  // The route decides which event the handler takes, which the compiler cannot follow through a look-up.
  const handler = handlers[kind] as ((event: TwilioEvent, context: TwilioContext) => unknown) | undefined;
  const ofApp = { url: urlsOf(baseUrl), twiml };
  return {
    concurrency: 1,
    eventTypes: new Set(twilioKinds),
    parse({ url, headers, body }, { project = '', tokenId = '' }) {
      const event = eventIn(url, body);
      if (typeof event === 'string') return event;
      // The owner of one account, who knows its auth token, must not speak for another.
      if ((event.AccountSid ?? project) !== project) return 'twilio-account-unknown';
      const keyOf = (...identity: readonly string[]) =>
        `twilio:${hash('sha256', JSON.stringify([kind, project, ...identity]), 'base64url')}`;
      const webhook = { type: kind, event, query: Object.fromEntries(url.searchParams) };
      const key =
        kind === 'voice'
          ? { key: keyOf(tokenId, headers.get('i-twilio-idempotency-token') || randomUUID()) }
          : // Fields of a captured form can be split anew under the same signature, so that it names another SID.
            {
              key: keyOf(...identityOf(event, tokenId)),
              alias: { key: keyOf(tokenId), seconds: REMEMBERED_SECONDS },
            };
      return { events: [{ ...webhook, ...key }], unusable: 0 };
    },
    handlerFor: ({ event, query }) =>
      handler &&
      ((context) => handler(event, { ...context, ...ofApp, query, reference: referenceOf(event) })),
    ...(kind !== 'status' && {
      reply: { waitSeconds: WAIT_SECONDS, contentType: 'text/xml; charset=utf-8', serialize: twimlOf },
    }),
  };
}

const referenceOf = (event: TwilioEvent) => String(event['CallSid'] ?? event['MessageSid'] ?? '');

/** A name that came with several values has a list. */
function eventIn(url: URL, body: Uint8Array): TwilioEvent | 'not-json' | 'no-events' {
  if (statedHash(url) !== undefined) return jsonObject(body) as ReturnType<typeof eventIn>;
  const form = [...signedForm(url, body)];
  return Object.fromEntries(form.map(([name, values]) => [name, values.length > 1 ? values : values[0]]));
}

/** What an event is about. Twilio sends the same again with other times, and under another idempotency token. */
function identityOf(event: TwilioEvent, signed: string): readonly string[] {
  const names = Object.keys(event).filter(
    (name) => name !== 'AccountSid' && /(Sid|Status|^StatusCallbackEvent|^SequenceNumber)$/.test(name),
  );
  // Without a SID it is known by what was signed.
  if (!names.some((name) => name.endsWith('Sid'))) return ['', signed];
  return names.sort().map((name) => `${name}=${String(event[name])}`);
}

/**
 * Makes URLs that arrive as they were signed. Twilio sorts parameters after it has signed them and rewrites some characters,
 * so the order and the alphabet leave it nothing to do.
 */
function urlsOf(baseUrl: string): TwilioContext['url'] {
  return (kind, parameters = {}) => {
    const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    if (!pairs.every((pair) => /^[a-z]+=[\w.-]+$/.test(pair))) {
      throw new TypeError('url() takes names of a-z and values of A-Za-z0-9._-');
    }
    const query = pairs.length > 0 ? `?${pairs.sort().join('&')}` : '';
    return `${baseUrl}${routePath(`callbacks/twilio/${kind}`)}${query}`;
  };
}

const twiml: TwilioContext['twiml'] = (texts, ...values) =>
  String.raw({ raw: texts }, ...values.map((value) => escaped(String(value ?? ''))));

/** Without the characters that XML has no place for. */
const escaped = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function twimlOf(returned: unknown): string {
  if (returned === undefined) return '<?xml version="1.0" encoding="UTF-8"?><Response/>';
  if (typeof returned !== 'string' || !/^\s*</.test(returned)) {
    throw new TypeError('no TwiML: return text, or nothing');
  }
  return returned;
}

const secretOf = (sid: string, end = ''): ImpliedSecret => ({
  name: `twilio-${sid}${end}`,
  forms: [`twilio-<accountSid>${end}`],
  purposes: { webhooks: [`twilio-${sid}${end}`] },
  setIn: "Twilio's console",
});
const authToken = (sid: string) => secretOf(sid);
/** Only where a rule of the account signs with one. */
const sharedKey = (sid: string): ImpliedSecret => ({ ...secretOf(sid, '-shared'), mayBeAbsent: true });

/** It becomes part of the name of a secret. */
function accountSid(text: string): string {
  if (!/^AC[0-9a-f]{32}$/.test(text)) throw new Error('is no account SID (AC and 32 hex digits)');
  return text;
}
