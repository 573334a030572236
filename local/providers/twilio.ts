import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { routePath } from '../../shared/delivery/endpoint.ts';
import { twilioKinds } from '../../shared/events/twilio.ts';
import type { TwilioKind } from '../../shared/events/twilio.ts';
import { findSigned, signedForm, signedTexts } from '../../shared/providers/twilio.ts';
import type { TwilioAlgorithm } from '../../shared/providers/twilio.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { Secrets } from '../../shared/secrets/create-secrets.ts';
import type { SecretVersion } from '../../shared/secrets/versions.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import { baseUrlOf } from '../../shared/settings/table.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';
import { answeredBy, post, targetOf } from '../http/request.ts';
import type { OutgoingRequest } from '../http/request.ts';
import { HANDLED, HANDLED_BEFORE, send } from '../scenarios/context.ts';
import type { ScenarioContext } from '../scenarios/context.ts';
import type { FakeService, Target } from '../target.ts';
import { objectsIn, withObjects } from './bodies.ts';
import { forgeriesOf, forgery, forgeryFamilies } from './forgery.ts';
import type { Forgery, Genuine } from './forgery.ts';
import type { RehearsalProvider } from './provider.ts';
import { withHeader, withParameter } from './resign.ts';
import { familiesOf } from './tested-sender.ts';
import { TOKEN_FORMS } from './token-forms.ts';

const SIGNATURE = 'x-twilio-signature';
const SETTINGS = 'x-twilio-webhooks-signature-settings';
const IDEMPOTENCY = 'i-twilio-idempotency-token';
const FORM = 'application/x-www-form-urlencoded; charset=UTF-8';

type Form = Readonly<Record<string, string>>;

/** As Twilio's documentation describes it: the URL, then each field as name and value, sorted by name. */
export function sign(secret: string | Uint8Array, url: string, form: Form = {}, hash = 'sha1'): string {
  return createHmac(hash, secret)
    .update(url + signedText(form))
    .digest('base64');
}

/** What is signed of a form. */
function signedText(form: Form): string {
  const fields = Object.entries(form).sort(([one], [other]) => (one < other ? -1 : 1));
  return fields.flat().join('');
}

/** An account at Twilio. */
export type TwilioSender = ReturnType<typeof newTwilio>;

/**
 * @param options.signedBase the public address that Twilio knows, where it is another than the one that is called
 * @param options.urlOf the URL of a kind, where it is another than that of the app at a base URL
 */
export function newTwilio(
  options: {
    accountSid?: string;
    authToken?: string;
    sharedKey?: string;
    signedBase?: string;
    urlOf?: (baseUrl: string, kind: string) => string;
  } = {},
) {
  const {
    accountSid = `AC${randomBytes(16).toString('hex')}`,
    authToken = randomBytes(16).toString('hex'),
    sharedKey = randomBytes(32).toString('base64url'),
    signedBase,
    urlOf = (baseUrl, kind) => `${baseUrl}${routePath(`callbacks/twilio/${kind}`)}`,
  } = options;

  /** @param query as it is called, and as it is signed where that differs */
  const urls = (baseUrl: string, kind: TwilioKind, [query, signed = query]: readonly [string, string?]) => ({
    url: `${urlOf(baseUrl, kind)}${query}`,
    signedUrl: `${urlOf(signedBase ?? baseUrl, kind)}${signed}`,
  });

  function webhook(
    baseUrl: string,
    kind: TwilioKind,
    form: Form,
    query: readonly [string, string?] = [''],
  ): OutgoingRequest {
    const { url, signedUrl } = urls(baseUrl, kind, query);
    return {
      url,
      headers: [
        [SIGNATURE, sign(authToken, signedUrl, form)],
        [IDEMPOTENCY, randomUUID()],
        ['content-type', FORM],
      ],
      body: new URLSearchParams(form).toString(),
    };
  }

  return {
    accountSid,
    authToken,
    sharedKey,
    signedBase,
    urls,
    webhook,
    /** A rule of the account has a shared key sign. */
    bySharedKey(baseUrl: string, kind: TwilioKind, form: Form): OutgoingRequest {
      const { url, signedUrl } = urls(baseUrl, kind, ['']);
      return {
        ...webhook(baseUrl, kind, form),
        url,
        headers: [
          [SIGNATURE, sign(sharedKey, signedUrl, form, 'sha256')],
          [SETTINGS, 'key=webhooks_sharedkey_1,algorithm=HMAC_SHA256'],
          ['content-type', FORM],
        ],
      };
    },
    json(baseUrl: string, kind: TwilioKind, body: string): OutgoingRequest {
      const { url, signedUrl } = urls(baseUrl, kind, [`?bodySHA256=${sha256(body)}`]);
      return {
        url,
        headers: [
          [SIGNATURE, sign(authToken, signedUrl)],
          ['content-type', 'application/json'],
        ],
        body,
      };
    },
  };
}

const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex');
const sid = (prefix: string) => `${prefix}${randomBytes(16).toString('hex')}`;

/** The form of each kind, for an event that the app has not seen. */
export function sampleForm(
  kind: TwilioKind,
  { accountSid }: { accountSid: string },
  change: Form = {},
): Form {
  const people = { AccountSid: accountSid, From: '+15550100', To: '+15550199', ApiVersion: '2010-04-01' };
  const forms: Record<TwilioKind, Form> = {
    voice: { CallSid: sid('CA'), CallStatus: 'ringing', Direction: 'inbound', ...people },
    status: {
      CallSid: sid('CA'),
      CallStatus: 'completed',
      CallDuration: '7',
      SequenceNumber: '2',
      ...people,
    },
    messages: {
      MessageSid: sid('SM'),
      SmsStatus: 'received',
      Body: 'Ça va? 1+1=2 & more',
      NumMedia: '0',
      ...people,
    },
  };
  return { ...forms[kind], ...change };
}

export type GenuineTwilio = Genuine & {
  readonly twilio: TwilioSender;
  readonly form: Form;
  readonly baseUrl: string;
  readonly signedUrl: string;
};
type TwilioForgery = Forgery<GenuineTwilio>;

const QUERY = '?lang=en&step=menu';
/** The same in each conformance run, so that a receiver is set up once. */
const TESTED = { accountSid: `AC${'c0'.repeat(16)}`, authToken: 'for-conformance-runs-only-never-deploy' };

export function genuineVoice(twilio: TwilioSender, baseUrl: string): GenuineTwilio {
  const form = sampleForm('voice', twilio);
  const request = twilio.webhook(baseUrl, 'voice', form, [QUERY]);
  const { signedUrl } = twilio.urls(baseUrl, 'voice', [QUERY]);
  return { request, twilio, form, baseUrl, signedUrl };
}

const signedAs = ({ request }: Genuine, signature: string): OutgoingRequest => ({
  ...request,
  headers: withHeader(request.headers, SIGNATURE, signature),
});
const encoded = (form: Form) => new URLSearchParams(form).toString();

const signing = (
  name: string,
  signature: (genuine: GenuineTwilio) => string,
  reason: Reason = 'twilio-signature',
) => forgery<GenuineTwilio>(`twilio-${name}`, reason, (genuine) => signedAs(genuine, signature(genuine)));
const withSecret = (name: string, secret: (genuine: GenuineTwilio) => string) =>
  signing(`secret-${name}`, (genuine) => sign(secret(genuine), genuine.signedUrl, genuine.form));
/** Signed for another URL than the one that is called. */
const forUrl = (name: string, url: (genuine: GenuineTwilio) => string) =>
  signing(`url-${name}`, (genuine) => sign(genuine.twilio.authToken, url(genuine), genuine.form));
/** Called at another URL than the one that is signed. */
const calledAt = (name: string, change: (url: string) => string) =>
  forgery<GenuineTwilio>(`twilio-url-${name}`, 'twilio-signature', ({ request }) => ({
    ...request,
    url: change(request.url),
  }));
const withBody = (
  name: string,
  body: (genuine: GenuineTwilio) => string,
  reason: Reason = 'twilio-signature',
) =>
  forgery<GenuineTwilio>(`twilio-form-${name}`, reason, (genuine) => ({
    ...genuine.request,
    body: body(genuine),
  }));
/** Signed correctly, for an account that is not ours. */
const ofAccount = (name: string, accountSid: string) =>
  forgery<GenuineTwilio>(`twilio-account-${name}`, 'twilio-account-unknown', (genuine) => {
    const form = { ...genuine.form, AccountSid: accountSid };
    const request = { ...genuine.request, body: encoded(form) };
    return signedAs({ request }, sign(genuine.twilio.authToken, genuine.signedUrl, form));
  });
const withMore = (name: string, more: readonly (readonly [string, string])[]) =>
  forgery<GenuineTwilio>(`twilio-header-${name}`, 'twilio-signature', ({ request }) => ({
    ...request,
    url: request.url.replace('step=menu', 'step=paid'),
    headers: [...request.headers, ...more],
  }));
const json = (
  name: string,
  reason: Reason,
  change: (request: OutgoingRequest, genuine: GenuineTwilio) => OutgoingRequest,
) =>
  forgery<GenuineTwilio>(`twilio-json-${name}`, reason, (genuine) => {
    return change(
      genuine.twilio.json(genuine.baseUrl, 'status', `{"CallSid":"${sid('CA')}","CallStatus":"ringing"}`),
      genuine,
    );
  });

export const webhookForgeries: Readonly<Record<string, readonly TwilioForgery[]>> = {
  'The signature of Twilio': [
    forgery('twilio-signature-missing', 'twilio-signature', ({ request }) => ({
      ...request,
      headers: request.headers.filter(([name]) => name !== SIGNATURE),
    })),
    signing('signature-empty', () => ''),
    signing('signature-of-zeros', () => Buffer.alloc(20).toString('base64')),
    signing('signature-in-hex', ({ twilio, form, signedUrl }) =>
      Buffer.from(sign(twilio.authToken, signedUrl, form), 'base64').toString('hex'),
    ),
    signing('signature-without-padding', ({ twilio, form, signedUrl }) =>
      sign(twilio.authToken, signedUrl, form).replace('=', ''),
    ),
    signing('signature-cut-short', ({ twilio, form, signedUrl }) =>
      Buffer.from(sign(twilio.authToken, signedUrl, form), 'base64')
        .subarray(0, 16)
        .toString('base64'),
    ),
    signing('signature-twice', ({ twilio, form, signedUrl }) => {
      const signature = sign(twilio.authToken, signedUrl, form);
      return `${signature},${signature}`;
    }),
    signing('signature-with-sha256', ({ twilio, form, signedUrl }) =>
      sign(twilio.authToken, signedUrl, form, 'sha256'),
    ),
    signing('signature-of-the-body', ({ twilio, request }) => sign(twilio.authToken, String(request.body))),
    signing('signature-of-the-form-alone', ({ twilio, form }) => sign(twilio.authToken, '', form)),
    signing('signature-of-another-call', ({ twilio, signedUrl }) =>
      sign(twilio.authToken, signedUrl, sampleForm('voice', twilio)),
    ),
    signing('signature-of-unsorted-fields', ({ twilio, form, signedUrl }) =>
      sign(twilio.authToken, signedUrl + Object.entries(form).toReversed().flat().join('')),
    ),
  ],
  'The secret of Twilio': [
    withSecret('empty', () => ''),
    withSecret('nul', () => '\0'),
    withSecret('is-the-account-sid', ({ twilio }) => twilio.accountSid),
    withSecret('of-another', () => randomBytes(16).toString('hex')),
    withSecret('in-upper-case', ({ twilio }) => twilio.authToken.toUpperCase()),
    withSecret('is-the-shared-key', ({ twilio }) => twilio.sharedKey),
  ],
  'The URL that Twilio signs': [
    forUrl('of-another-host', ({ signedUrl }) => signedUrl.replace(/\/\/[^/]+/, '//another.example')),
    forUrl('of-another-scheme', ({ signedUrl }) =>
      signedUrl.replace(/^http(s?)/, (_, s) => (s ? 'http' : 'https')),
    ),
    forUrl('of-another-port', ({ signedUrl }) => signedUrl.replace(/(\/\/[^/:]+)(:\d+)?/, '$1:8443')),
    forUrl('without-its-query', ({ signedUrl }) => signedUrl.split('?')[0] ?? ''),
    forUrl('with-a-fragment', ({ signedUrl }) => `${signedUrl}#a`),
    forUrl('sorted-otherwise', ({ signedUrl }) =>
      signedUrl.replace('lang=en&step=menu', 'step=menu&lang=en'),
    ),
    calledAt('of-another-kind', (url) => url.replace('/voice', '/status')),
    calledAt('in-another-case', (url) => url.replace('/voice', '/Voice')),
    calledAt('with-a-slash-more', (url) => url.replace('/voice', '/voice/')),
    calledAt('with-a-parameter-more', (url) => `${url}&admin=true`),
    calledAt('with-a-parameter-less', (url) => url.replace('lang=en&', '')),
    calledAt('with-another-value', (url) => url.replace('step=menu', 'step=paid')),
    calledAt('with-another-spelling-of-a-letter', (url) => url.replace('step=menu', 'step=men%75')),
    withMore('host-forwarded', [['x-forwarded-host', 'another.example']]),
    withMore('original-uri', [['x-original-uri', `${routePath('callbacks/twilio/voice')}${QUERY}`]]),
    withMore('original-url', [['x-original-url', `${routePath('callbacks/twilio/voice')}${QUERY}`]]),
  ],
  'The form that Twilio signs': [
    withBody('altered', ({ form }) => encoded({ ...form, From: '+15550111' })),
    withBody('with-a-field-more', ({ form }) => encoded({ ...form, Digits: '1' })),
    withBody('with-a-field-less', ({ request }) => String(request.body).replace(/&?CallSid=[^&]*/, '')),
    withBody('with-a-second-value', ({ request }) => `${String(request.body)}&From=%2B15550111`),
    withBody('with-a-name-in-another-case', ({ request }) =>
      String(request.body).replace('CallSid', 'Callsid'),
    ),
    withBody('empty', () => ''),
    withBody('with-bytes-that-are-no-text', ({ request }) => `${String(request.body)}&Body=%FF`),
    forgery('twilio-form-not-percent-encoded', 'twilio-signature', (genuine) => {
      const form = { ...genuine.form, CallerName: 'Ça va' };
      const request = { ...genuine.request, body: decodeURI(encoded(form)) };
      return signedAs({ request }, sign(genuine.twilio.authToken, genuine.signedUrl, form));
    }),
    withBody('behind-a-question-mark', ({ request }) => `?${String(request.body)}`),
    withBody(
      'of-many-fields',
      ({ request }) => String(request.body) + '&a=b'.repeat(256),
      'twilio-signature',
    ),
    {
      ...withBody('of-many-bytes', ({ request }) => `${String(request.body)}&a=${'b'.repeat(65_536)}`),
      expected: { status: 413, reason: 'body-too-large' },
    },
    forgery('twilio-form-as-json', 'twilio-account-unknown', ({ request, form }) => ({
      ...request,
      headers: withHeader(request.headers, 'content-type', 'application/json'),
      body: JSON.stringify(form),
    })),
  ],
  'Where the URL ends that Twilio signs': [
    forgery('twilio-end-behind-the-fields', 'twilio-signature', ({ request, form }) => ({
      ...request,
      url: request.url + signedText(form),
      body: '',
    })),
    forgery('twilio-end-behind-a-hash-that-a-caller-said', 'twilio-signature', (genuine) => {
      const body = '{"CallSid":"CA1","CallStatus":"completed"}';
      const form = { ...genuine.form, CallerName: `&bodySHA256=${sha256(body)}&` };
      const { request, signedUrl, twilio } = genuine;
      const headers = withHeader(request.headers, 'content-type', 'application/json');
      const moved = { headers, url: request.url + signedText(form), body };
      return signedAs({ request: moved }, sign(twilio.authToken, signedUrl, form));
    }),
    forgery('twilio-end-before-the-query', 'twilio-signature', ({ request }) => ({
      ...request,
      url: request.url.replace(QUERY, ''),
      body: `${encodeURIComponent(QUERY)}&${String(request.body)}`,
    })),
    forgery('twilio-end-before-a-parameter', 'twilio-signature', ({ request }) => ({
      ...request,
      url: request.url.replace('&step=menu', ''),
      body: `=%26step%3Dmenu&${String(request.body)}`,
    })),
  ],
  'The account of Twilio': [
    ofAccount('of-another', `AC${'0'.repeat(32)}`),
    ofAccount('path', '../../another-secret'),
    ofAccount('proto', '__proto__'),
    ofAccount('empty', ''),
    forgery('twilio-account-missing', 'twilio-account-unknown', (genuine) => {
      const { AccountSid: _, ...form } = genuine.form;
      const request = { ...genuine.request, body: encoded(form) };
      return signedAs({ request }, sign(genuine.twilio.authToken, genuine.signedUrl, form));
    }),
    withBody(
      'with-two-accounts',
      ({ request }) => `${String(request.body)}&AccountSid=AC1`,
      'twilio-account-unknown',
    ),
  ],
  'The shared key of Twilio': [
    forgery('twilio-shared-announced-alone', 'twilio-signature', ({ request }) => ({
      ...request,
      headers: [...request.headers, [SETTINGS, 'key=webhooks_sharedkey_1,algorithm=HMAC_SHA256']],
    })),
    forgery('twilio-shared-chooses-sha1', 'twilio-signature', (genuine) => {
      const request = signedAs(genuine, sign(genuine.twilio.sharedKey, genuine.signedUrl, genuine.form));
      return { ...request, headers: [...request.headers, [SETTINGS, 'key=1,algorithm=HMAC_SHA1']] };
    }),
    forgery('twilio-shared-with-the-auth-token', 'twilio-signature', (genuine) => {
      const { twilio, form, signedUrl } = genuine;
      const request = signedAs(genuine, sign(twilio.authToken, signedUrl, form, 'sha256'));
      return { ...request, headers: [...request.headers, [SETTINGS, 'key=1,algorithm=HMAC_SHA256']] };
    }),
    signing('shared-unannounced', ({ twilio, form, signedUrl }) =>
      sign(twilio.sharedKey, signedUrl, form, 'sha256'),
    ),
  ],
  'A JSON body from Twilio': [
    json('altered', 'payload-hash-wrong', (request) => ({ ...request, body: `${String(request.body)} ` })),
    json('with-another-hash', 'twilio-signature', (request) => {
      const body = '{"CallSid":"CA1","CallStatus":"completed"}';
      return { ...request, url: request.url.replace(/=.*/, `=${sha256(body)}`), body };
    }),
    json('without-its-hash', 'twilio-account-unknown', (request) => ({
      ...request,
      url: request.url.replace(/\?.*/, ''),
    })),
    json('with-an-empty-hash', 'twilio-signature', (request) => ({
      ...request,
      url: request.url.replace(/=.*/, '='),
    })),
    json('with-two-hashes', 'twilio-signature', (request) => ({
      ...request,
      url: `${request.url}&bodySHA256=${sha256(request.body)}`,
    })),
    json('hash-in-upper-case', 'twilio-signature', (request) => ({
      ...request,
      url: request.url.replace(/=.*/, `=${sha256(request.body).toUpperCase()}`),
    })),
    json('that-names-another-account', 'twilio-account-unknown', (_request, { twilio, baseUrl }) =>
      twilio.json(
        baseUrl,
        'status',
        `{"AccountSid":"AC${'0'.repeat(32)}","CallSid":"CA1","CallStatus":"ringing"}`,
      ),
    ),
    json('of-another-account', 'twilio-signature', (request, { signedUrl }) => {
      const url = signedUrl.replace(/\/[^/]*$/, targetOf(request.url).replace(/.*\//, '/'));
      return signedAs({ request }, sign('f'.repeat(32), url));
    }),
  ],
};

const isJsonWebhook = (path: string) => /[?&]bodySHA256=/.test(path);

/** New SIDs of the call or the message that an event is about. Both names of a message have the same one. */
function freshSids(event: Readonly<Record<string, unknown>>): Form {
  const [call, message] = [sid('CA'), sid('SM')];
  const fresh: Form = { CallSid: call, MessageSid: message, SmsSid: message, SmsMessageSid: message };
  return Object.fromEntries(Object.entries(fresh).filter(([name]) => name in event));
}

function renewedForm(body: Uint8Array): Uint8Array | undefined {
  const form = new URLSearchParams(Buffer.from(body).toString());
  const fresh = Object.entries(freshSids(Object.fromEntries(form)));
  for (const [name, value] of fresh) form.set(name, value);
  return fresh.length > 0 ? Buffer.from(form.toString()) : undefined;
}

/** Queries in which what Twilio signs differs from what arrives, as called and as signed. */
export const spellings: Readonly<Record<string, readonly [string, string]>> = {
  'an apostrophe': ["?name=O'Brien", "?name=O'Brien"],
  'an apostrophe, encoded': ['?name=O%27Brien', '?name=O%27Brien'],
  'an apostrophe, encoded on the way': ['?name=O%27Brien', "?name=O'Brien"],
  'an @, encoded on the way': ['?to=a%40b.example', '?to=a@b.example'],
  'a colon, encoded on the way': ['?to=sip%3Aa', '?to=sip:a'],
  'an @ and a colon, decoded on the way': ['?to=sip:a@b', '?to=sip%3Aa%40b'],
  'a blank, sent as a plus sign': ['?say=good+day', '?say=good%20day'],
  'a blank, sent as %20': ['?say=good%20day', '?say=good+day'],
  'all of them': ['?a=O%27B&to=sip%3Aa%40b&x=good+day', "?a=O'B&to=sip:a@b&x=good%20day"],
};

/** Twilio: calls that ask what to do, what changed, and messages. */
export const twilio: RehearsalProvider<FakeService & TwilioSender> = {
  name: 'twilio',

  async start({ vault }) {
    const sender = newTwilio();
    vault.add(`twilio-${sender.accountSid}`, sender.authToken);
    vault.add(`twilio-${sender.accountSid}-shared`, sender.sharedKey);
    return {
      ...sender,
      issuers: [],
      environment: { TWILIO_ACCOUNTS: sender.accountSid },
      close: async () => {},
    };
  },

  samples: twilioKinds.map((kind) => ({
    group: 'Twilio',
    name: `twilio-${kind}`,
    send: async (target: Target) => answeredBy(await post(sampleOf(kind, senderOf(target), target.baseUrl))),
  })),

  forgeries: forgeryFamilies(
    async (target) => genuineVoice(senderOf(target), target.baseUrl),
    webhookForgeries,
  ),

  advice: {
    'twilio-account-unknown':
      'add the account to TWILIO_ACCOUNTS and its auth token to the vault, where it is yours',
    'twilio-signature':
      'what is said below, where something is; else somebody altered it on its way: docs/twilio.md',
    'twilio-secret-unavailable':
      'store the auth token as twilio-<accountSid> (docs/twilio.md), and see KEY_VAULT_URL and who you are signed in as (az login)',
  },

  diagnose,

  scenarios: [{ title: 'Twilio asks, and tells what changed', play: playWebhooks }],

  async resign({ target: path, headers, body }, target) {
    const { authToken } = senderOf(target);
    const isJson = isJsonWebhook(path);
    const signedPath = isJson ? withParameter(path, 'bodySHA256', sha256(body)) : path;
    const form = isJson ? {} : Object.fromEntries(new URLSearchParams(Buffer.from(body).toString()));
    const own = headers.filter(([name]) => name.toLowerCase() !== SETTINGS);
    const signature = sign(authToken, `${target.baseUrl}${signedPath}`, form);
    return { target: signedPath, headers: withHeader(own, SIGNATURE, signature) };
  },

  /** Twilio's answer to a voice webhook belongs to its idempotency token, anything else to the SID of its call or message. */
  async renew({ target: path, headers, body, ...delivery }) {
    if (path.split('?')[0]?.endsWith('/voice'))
      return { ...delivery, target: path, headers: withHeader(headers, IDEMPOTENCY, randomUUID()), body };
    const renewed = isJsonWebhook(path)
      ? withObjects(body, (event) => ({ ...event, ...freshSids(event) }))
      : renewedForm(body);
    return renewed && { ...delivery, target: path, headers, body: renewed };
  },

  tested: [
    {
      name: 'twilio',
      async start({ urlOf }) {
        const sender = newTwilio({ ...TESTED, urlOf: (_baseUrl, kind) => urlOf(kind) });
        const status = (query?: readonly [string, string?], change?: Form) =>
          sender.webhook('', 'status', sampleForm('status', sender, change), query);
        const spelled = (isSent: boolean) =>
          Object.entries(spellings)
            .filter(([, [called, signed]]) => (called === signed) === isSent)
            .map(([what, query]) => ({ name: `a URL with ${what}`, make: () => status(query) }));
        return {
          settings: { TWILIO_ACCOUNT_SID: sender.accountSid, TWILIO_AUTH_TOKEN: sender.authToken },
          samples: twilioKinds.map((kind) => ({ name: kind, make: () => sampleOf(kind, sender, '') })),
          forms: {
            'Genuine: the URL': [
              { name: 'a URL with two parameters', make: () => status([QUERY]) },
              ...spelled(true),
            ],
            'Genuine: the URL, spelled otherwise by a proxy': spelled(false),
            [TOKEN_FORMS.request]: [
              { name: 'a form with an unknown field', make: () => status([''], { NotYetKnown: '1' }) },
              { name: 'a form with an empty field', make: () => status([''], { CallerName: '' }) },
              { name: 'letters beyond ASCII', make: () => status([''], { CallerName: 'Zoë 電話 ☎️' }) },
              { name: 'line breaks in a field', make: () => status([''], { Body: 'one\r\ntwo\n' }) },
              { name: 'an empty form', make: () => sender.webhook('', 'status', {}) },
              {
                name: 'blanks as %20',
                make: () => {
                  const request = status([''], { CallerName: 'Ada B. Caller' });
                  return { ...request, body: String(request.body).replaceAll('+', '%20') };
                },
              },
              {
                name: 'fields in another order',
                make: () => {
                  const request = status();
                  return { ...request, body: String(request.body).split('&').toReversed().join('&') };
                },
              },
              {
                name: 'a content type without charset',
                make: () => {
                  const { headers, ...request } = status();
                  const type = 'application/x-www-form-urlencoded';
                  return { ...request, headers: withHeader(headers, 'content-type', type) };
                },
              },
              {
                name: 'JSON',
                make: () => sender.json('', 'status', JSON.stringify(sampleForm('status', sender))),
              },
            ],
          },
          forgeries: familiesOf(() => genuineVoice(sender, ''), webhookForgeries),
          isRepeatable: true,
          close: async () => {},
        };
      },
    },
  ],

  typesOf(body, path) {
    const kind = path.split('/').at(-1) ?? '';
    const form = Object.fromEntries(new URLSearchParams(Buffer.from(body).toString()));
    const { MessageStatus, SmsStatus, CallStatus } = { ...form, ...objectsIn(body)[0] } as Form;
    const state = MessageStatus ?? SmsStatus ?? CallStatus;
    return [state === undefined ? kind : `${kind}:${state}`];
  },

  withSecrets(settings) {
    const [accountSid] = settings.TWILIO_ACCOUNTS ?? [];
    const authToken = settings.developmentSecret(`twilio-${accountSid}`);
    if (accountSid === undefined || authToken === undefined) return undefined;
    const sharedKey = settings.developmentSecret(`twilio-${accountSid}-shared`);
    const signedBase = baseUrlOf(settings);
    const sender = newTwilio({
      accountSid,
      authToken,
      ...(sharedKey !== undefined && { sharedKey }),
      ...(signedBase !== undefined && { signedBase }),
    });
    return {
      samples: twilioKinds.map((kind) => ({
        group: 'Twilio',
        name: `twilio-${kind}`,
        make: (baseUrl: string) => sampleOf(kind, sender, baseUrl),
      })),
      forgeries: forgeriesOf(webhookForgeries, (baseUrl) => genuineVoice(sender, baseUrl)),
    };
  },
};

const senderOf = ({ cloud }: Target): TwilioSender => cloud.of(twilio);

const sampleOf = (kind: TwilioKind, sender: TwilioSender, baseUrl: string): OutgoingRequest =>
  sender.webhook(baseUrl, kind, sampleForm(kind, sender));

async function playWebhooks(context: ScenarioContext): Promise<void> {
  const { baseUrl } = context;
  const sender = senderOf(context);
  const voice = sender.webhook(baseUrl, 'voice', sampleForm('voice', sender));
  const isDone = await send(context, 'a call comes in', voice, HANDLED);
  await send(context, 'the same, tried again', voice, isDone ? HANDLED_BEFORE : HANDLED);
  const pressed = sampleForm('voice', sender, { CallStatus: 'in-progress', Digits: '1' });
  const menu = sender.webhook(baseUrl, 'voice', pressed, ['?step=pressed']);
  await send(context, 'a key is pressed', menu, HANDLED);
  const without = { ...menu, headers: menu.headers.filter(([name]) => name !== IDEMPOTENCY) };
  for (const sent of ['a key without an idempotency token', 'and the same key again']) {
    await send(context, sent, without, HANDLED);
  }
  for (const kind of ['status', 'messages'] as const) {
    const form = sampleForm(kind, sender);
    const isKnown = await send(context, kind, sender.webhook(baseUrl, kind, form), HANDLED);
    const again = sender.webhook(baseUrl, kind, form);
    await send(context, `${kind} under a new token`, again, isKnown ? HANDLED_BEFORE : HANDLED);
  }
  const shared = sender.bySharedKey(baseUrl, 'status', sampleForm('status', sender));
  await send(context, 'status, signed by a shared key', shared, HANDLED);
  const body = JSON.stringify(sampleForm('status', sender));
  await send(context, 'status as JSON', sender.json(baseUrl, 'status', body), HANDLED);
  await send(context, 'an empty form', sender.webhook(baseUrl, 'voice', {}), HANDLED);
  for (const [what, query] of Object.entries(spellings)) {
    const spelled = sender.webhook(baseUrl, 'status', sampleForm('status', sender), query);
    await send(context, `a URL with ${what}`, spelled, HANDLED);
  }
}

/** Of more parameters not every order is tried. */
const MAX_PERMUTED = 5;

/** Finds what differs from a genuine request: another address, another order of parameters, another secret. */
async function diagnose(
  { url, headers, body }: ReceivedRequest,
  { settings, secrets }: { readonly settings: Settings; readonly secrets: Secrets },
): Promise<readonly string[]> {
  const baseUrl = baseUrlOf(settings) ?? '';
  const given = headers.get(SIGNATURE) ?? '';
  let form: ReturnType<typeof signedForm>;
  try {
    form = signedForm(url, body);
  } catch {
    return [];
  }
  const keys = await keysOf(settings, secrets);
  const isSigned = (base: string, at: URL) => {
    const texts = signedTexts(base, at, form);
    return keys.find(
      ({ versions, algorithm }) => findSigned(texts, versions, algorithm, given) !== undefined,
    );
  };

  const key = isSigned(baseUrl, url);
  if (given === '')
    return ['It has no X-Twilio-Signature. Capture that as well; Twilio sends nothing without it.'];
  if (key) return [`It is signed with ${key.of}. Compare AccountSid and ${SETTINGS} with what Twilio sent.`];
  for (const base of otherBases(headers, baseUrl)) {
    if (isSigned(base, url)) {
      return [
        `It is signed for ${base}, but the public address is ${baseUrl}: set CALLBACK_BASE_URL to the address that Twilio calls.`,
      ];
    }
  }
  for (const query of otherOrders(url)) {
    if (!isSigned(baseUrl, withQuery(url, query))) continue;
    const names = query.split('&').map((pair) => pair.split('=')[0]);
    return [
      `It is signed with its parameters in the order ${names.join(', ')}. Twilio sends them sorted, so it can never be verified: write them in alphabetical order, as url() does.`,
    ];
  }
  const lacks =
    headers.get(SETTINGS) &&
    keys.every(({ of, versions }) => !of.startsWith('the shared') || !versions.length);
  return lacks
    ? [
        'It says that a shared key signed it, and there is no secret twilio-<accountSid>-shared: docs/twilio.md.',
      ]
    : ['It fits no order of its parameters, no address of this app that it names, and no secret in force.'];
}

type Key = {
  readonly of: string;
  readonly versions: readonly SecretVersion[];
  readonly algorithm: TwilioAlgorithm;
};

async function keysOf(settings: Settings, secrets: Secrets): Promise<readonly Key[]> {
  const { signal } = new AbortController();
  const keys = (settings.TWILIO_ACCOUNTS ?? []).flatMap((account) => [
    { of: `the auth token of ${account}`, name: `twilio-${account}`, algorithm: 'HMAC_SHA1' as const },
    {
      of: `the shared key of ${account}`,
      name: `twilio-${account}-shared`,
      algorithm: settings.TWILIO_SHARED_KEY_ALGORITHM,
    },
  ]);
  return Promise.all(
    keys.map(async ({ of, name, algorithm }) => {
      const secret = secrets.optional(name, of, 'twilio-secret-unavailable');
      await secret.warm();
      return { of, algorithm, versions: await secret.present(signal).catch(() => []) };
    }),
  );
}

/** Addresses that the request itself names: Twilio may know the app by one of them. */
function otherBases(headers: ReceivedRequest['headers'], baseUrl: string): readonly string[] {
  const hosts = [headers.get('x-forwarded-host'), headers.get('x-original-host'), headers.get('host')];
  const known = URL.parse(baseUrl)?.host ?? '';
  const path = URL.parse(baseUrl)?.pathname.replace(/\/$/, '') ?? '';
  const names = [...new Set([...hosts, known])].filter((host) => host && URL.canParse(`https://${host}`));
  return names.flatMap((host) => ['https', 'http'].map((scheme) => `${scheme}://${host}${path}`));
}

function otherOrders({ search }: URL): readonly string[] {
  const pairs = search.slice(1).split('&').filter(Boolean);
  return pairs.length > MAX_PERMUTED ? [] : permutations(pairs).map((order) => order.join('&'));
}

function permutations(of: readonly string[]): readonly (readonly string[])[] {
  if (of.length < 2) return [of];
  return of.flatMap((one, at) => permutations(of.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

function withQuery(url: URL, query: string): URL {
  const other = new URL(url);
  other.search = query;
  return other;
}
