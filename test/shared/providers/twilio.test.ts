import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  getExpectedTwilioSignature,
  validateRequest,
  validateRequestWithBody,
} from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../local/http/request.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import type { Target } from '../../../local/target.ts';
import {
  genuineVoice,
  newTwilio,
  sampleForm,
  sign,
  spellings,
  twilio as rehearsal,
  webhookForgeries,
} from '../../../local/providers/twilio.ts';
import { withHeader } from '../../../local/providers/resign.ts';
import { createPlatform, createSenders } from '../../../shared/app.ts';
import { systemClock } from '../../../shared/clock.ts';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import { twilioKinds } from '../../../shared/events/twilio.ts';
import type {
  TwilioContext,
  TwilioEvent,
  TwilioHandlers,
  TwilioKind,
} from '../../../shared/events/twilio.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { createSecrets } from '../../../shared/secrets/create-secrets.ts';
import { knownVersions } from '../../../shared/secrets/versions.ts';
import { inspectSettings, readSettings } from '../../../shared/settings/settings.ts';
import { version } from '../../support/secret-versions.ts';
import { received, verdictOf } from '../../support/verdict.ts';
import { receivedBy } from '../../support/received-by.ts';

const BASE = 'https://calls.example.com';
const twilio = newTwilio({ accountSid: `AC${'1'.repeat(32)}` });
const other = newTwilio({ accountSid: `AC${'2'.repeat(32)}` });
const secretName = (name: string) => `SECRET_TWILIO_${name}`;
const settings = {
  CALLBACK_BASE_URL: BASE,
  TWILIO_ACCOUNTS: `${other.accountSid},${twilio.accountSid}`,
  [secretName(twilio.accountSid)]: twilio.authToken,
  [secretName(`${twilio.accountSid}_SHARED`)]: twilio.sharedKey,
  [secretName(other.accountSid)]: other.authToken,
};
const forgeries = Object.values(webhookForgeries).flat();

type Handled = { readonly event: TwilioEvent; readonly context: TwilioContext };

/** An app that remembers what its handlers are called with. */
function app(handlers: TwilioHandlers = {}, change: Record<string, string> = {}) {
  const handled: Handled[] = [];
  const remember = (event: TwilioEvent, context: TwilioContext) => void handled.push({ event, context });
  const all = { voice: remember, status: remember, messages: remember };
  return { handled, ...receivedBy({ ...settings, ...change }, { twilio: { ...all, ...handlers } }) };
}
const voice = (form = sampleForm('voice', twilio), query?: readonly [string, string?]) =>
  twilio.webhook(BASE, 'voice', form, query);

describe('a genuine webhook', () => {
  test.each(twilioKinds)('of the kind %s is handled as Twilio wrote it', async (kind) => {
    const form = sampleForm(kind, twilio);
    const { deliver, handled } = app();
    const { status, entry } = await deliver(twilio.webhook(BASE, kind, form));
    expect([status, entry.verdict, handled.map(({ event }) => event)]).toEqual([200, 'accepted', [form]]);
    expect(handled[0]?.context.reference).toBe(form['CallSid'] ?? form['MessageSid']);
  });

  test('without any field is signed by its URL alone', async () => {
    const { deliver, handled } = app();
    expect((await deliver(voice({}))).status).toBe(200);
    expect(handled.map(({ event }) => event)).toEqual([{}]);
  });

  test('with a name several times is signed with its values unique and sorted', async () => {
    const form = { ...sampleForm('voice', twilio), a: 'z' };
    const signedUrl = `${BASE}${routePath('callbacks/twilio/voice')}`;
    const signature = getExpectedTwilioSignature(twilio.authToken, signedUrl, {
      ...form,
      a: ['z', 'b', 'z', 'a'],
    });
    const request = voice(form);
    const body = `${String(request.body)}&a=b&a=z&a=a`;
    const { deliver, handled } = app();
    const headers = withHeader(request.headers, 'x-twilio-signature', signature);
    expect((await deliver({ ...request, headers, body })).status).toBe(200);
    expect(handled[0]?.event['a']).toEqual(['a', 'b', 'z']);
  });

  test('with one value twice has it once: the signature does not tell how often', async () => {
    const request = voice({ ...sampleForm('voice', twilio), Digits: '1' });
    const { deliver, handled } = app();
    await deliver({ ...request, body: `${String(request.body)}&Digits=1` });
    expect(handled[0]?.event['Digits']).toBe('1');
  });

  test('with a JSON body is tried with every account', async () => {
    for (const account of [twilio, other]) {
      const { deliver, handled } = app();
      const body = '{"CallSid":"CA1","CallStatus":"ringing"}';
      expect((await deliver(account.json(BASE, 'status', body))).status).toBe(200);
      expect(handled.map(({ event }) => event)).toEqual([JSON.parse(body)]);
    }
  });

  test('of one account is not verified with the token of another', async () => {
    const form = sampleForm('voice', other);
    const { status, entry } = await app().deliver(twilio.webhook(BASE, 'voice', form));
    expect([status, entry.reason]).toEqual([401, 'twilio-signature']);
  });

  test.each([
    ['HMAC_SHA256', 'sha256', 200],
    ['HMAC_SHA1', 'sha1', 200],
    ['HMAC_SHA1', 'sha256', 401],
    ['HMAC_SHA256', 'sha1', 401],
  ])(
    'by a shared key of %s that signs with %s is answered %i; the header does not choose the algorithm',
    async (setting, hash, expected) => {
      const { deliver } = app({}, { TWILIO_SHARED_KEY_ALGORITHM: setting });
      const form = sampleForm('status', twilio);
      const request = twilio.bySharedKey(BASE, 'status', form);
      for (const algorithm of ['HMAC_SHA1', 'HMAC_SHA256', 'none']) {
        const signed = withHeader(
          request.headers,
          'x-twilio-signature',
          sign(twilio.sharedKey, request.url, form, hash),
        );
        const headers = withHeader(
          signed,
          'x-twilio-webhooks-signature-settings',
          `key=k,algorithm=${algorithm}`,
        );
        expect((await deliver({ ...request, headers })).status).toBe(expected);
      }
    },
  );

  test('by a shared key that we do not have is refused', async () => {
    const request = other.bySharedKey(BASE, 'status', sampleForm('status', other));
    const { status, entry } = await app().deliver(request);
    expect([status, entry.reason]).toEqual([401, 'twilio-signature']);
  });
});

describe('what is signed and what arrives', () => {
  test.each(Object.entries(spellings))('may differ: %s', async (_what, query) => {
    const { deliver, handled } = app();
    const { status, entry } = await deliver(voice(undefined, query));
    expect([status, entry.reason]).toEqual([200, undefined]);
    // Both spellings say the same.
    const said = (search: string) => Object.fromEntries(new URLSearchParams(search));
    expect(handled[0]?.context.query).toEqual(said(query[0]));
    expect(said(query[0])).toEqual(said(query[1]));
  });

  test.each([
    ['https://calls.example.com', 'https://calls.example.com:443'],
    ['https://calls.example.com:443', 'https://calls.example.com'],
    ['http://127.0.0.1', 'http://127.0.0.1:80'],
    ['http://127.0.0.1:7071', 'http://127.0.0.1'],
    ['http://[::1]:7071/below', 'http://[::1]/below'],
    ['https://calls.example.com/below', 'https://calls.example.com:443/below'],
  ])('the address %s may be signed as %s', async (base, signedBase) => {
    const account = newTwilio({ ...twilio, signedBase });
    const request = account.webhook('https://internal.example', 'voice', sampleForm('voice', twilio), [
      '?a=b',
    ]);
    expect((await app({}, { CALLBACK_BASE_URL: base }).deliver(request)).status).toBe(200);
  });

  test('the address comes from the settings and never from the request', async () => {
    for (const name of ['host', 'x-forwarded-host', 'x-original-host', 'forwarded']) {
      const request = newTwilio({ ...twilio, signedBase: 'https://another.example' }).webhook(
        'https://another.example',
        'voice',
        sampleForm('voice', twilio),
      );
      const headers = [
        ...request.headers,
        [name, 'another.example'],
        ['x-forwarded-proto', 'https'],
      ] as const;
      expect((await app().deliver({ ...request, headers })).entry.reason).toBe('twilio-signature');
    }
  });
});

describe('the library of Twilio', () => {
  const formOf = ({ body }: OutgoingRequest) => {
    const params: Record<string, string | string[]> = {};
    for (const [name, value] of new URLSearchParams(String(body))) {
      const before = params[name];
      params[name] = before === undefined ? value : [before, value].flat();
    }
    return params;
  };
  const headerOf = ({ headers }: OutgoingRequest, wanted: string) =>
    headers
      .filter(([name]) => name === wanted)
      .map(([, value]) => value)
      .join();

  /** As its own middleware asks, for the public URL. */
  function accepts(request: OutgoingRequest): boolean {
    const signature = headerOf(request, 'x-twilio-signature');
    const announced = headerOf(request, 'x-twilio-webhooks-signature-settings');
    const secret = announced ? twilio.sharedKey : twilio.authToken;
    const algorithm = announced ? 'HMAC_SHA256' : 'HMAC_SHA1';
    return request.url.includes('bodySHA256')
      ? validateRequestWithBody(secret, signature, request.url, String(request.body), algorithm)
      : validateRequest(secret, signature, request.url, formOf(request), algorithm);
  }

  test.each(twilioKinds)('accepts what our fake sends: %s', (kind) => {
    const form = sampleForm(kind, twilio);
    expect(accepts(twilio.webhook(BASE, kind, form))).toBe(true);
    expect(accepts(twilio.webhook(BASE, kind, form, ["?name=O'Brien&say=good%20day"]))).toBe(true);
    expect(accepts(twilio.webhook(BASE, kind, {}))).toBe(true);
    expect(accepts(twilio.bySharedKey(BASE, kind, form))).toBe(true);
    expect(accepts(twilio.json(BASE, kind, '{"CallSid":"CA1"}'))).toBe(true);
  });

  test.each([
    ['the auth token', 'sha1'],
    ['a shared key', 'sha256'],
  ])('makes signatures with %s that we accept', async (_what, hash) => {
    const { deliver } = app();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => name >= 'A'),
          fc.string({ unit: 'grapheme' }),
        ),
        async (fields) => {
          const form = { ...fields, AccountSid: twilio.accountSid };
          const request = hash === 'sha1' ? voice(form) : twilio.bySharedKey(BASE, 'voice', form);
          const [secret, name] =
            hash === 'sha1' ? [twilio.authToken, 'HMAC_SHA1'] : [twilio.sharedKey, 'HMAC_SHA256'];
          const signature = getExpectedTwilioSignature(secret, request.url, form, name);
          const headers = withHeader(request.headers, 'x-twilio-signature', signature);
          expect((await deliver({ ...request, headers })).status).toBe(200);
        },
      ),
      { numRuns: 50 },
    );
  });

  /** Forgeries that it takes for genuine: it knows no accounts and no bounds, and encodes a query anew. */
  const STRICTER = [
    'twilio-account-of-another',
    'twilio-account-path',
    'twilio-account-proto',
    'twilio-account-empty',
    'twilio-account-missing',
    'twilio-json-that-names-another-account',
    'twilio-end-behind-the-fields',
    'twilio-end-behind-a-hash-that-a-caller-said',
    'twilio-end-before-the-query',
    'twilio-end-before-a-parameter',
    'twilio-form-not-percent-encoded',
    'twilio-form-behind-a-question-mark',
    'twilio-url-with-another-spelling-of-a-letter',
  ];

  test('there are more than forty forgeries, with different names', () => {
    expect(forgeries.length).toBeGreaterThan(40);
    expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
  });

  test.each(forgeries)('refuses, as we do, $name: $expected.reason', async ({ name, expected, forge }) => {
    const { deliver, handled } = app();
    const request = forge(genuineVoice(twilio, BASE));
    const { status, entry } = await deliver(request);
    expect({ status, reason: entry.reason }).toEqual(expected);
    expect(handled).toEqual([]);
    expect(accepts(request)).toBe(STRICTER.includes(name));
  });
});

describe('what a handler returns', () => {
  const replyOf = async (kind: TwilioKind, returned: unknown) => {
    const handlers = { [kind]: () => returned } as TwilioHandlers;
    return app(handlers).deliver(twilio.webhook(BASE, kind, sampleForm(kind, twilio)));
  };
  const XML = 'text/xml; charset=utf-8';

  test.each(['voice', 'messages'] as const)('for %s is the response, as XML', async (kind) => {
    const twiml = '<Response><Say>Ça va?</Say></Response>';
    expect(await replyOf(kind, twiml)).toMatchObject({
      status: 200,
      headers: { 'content-type': XML },
      body: twiml,
    });
  });

  test.each(['voice', 'messages'] as const)(
    'for %s, where it is nothing, is an empty response',
    async (kind) => {
      const empty = '<?xml version="1.0" encoding="UTF-8"?><Response/>';
      expect(await replyOf(kind, undefined)).toMatchObject({
        status: 200,
        headers: { 'content-type': XML },
        body: empty,
      });
    },
  );

  test.each([[{ toString: () => '<Response/>' }], ['hello'], [''], [7], [null]])(
    'for voice is TwiML: %j is an error of the handler',
    async (returned) => {
      const { status, entry } = await replyOf('voice', returned);
      expect([status, entry.reason]).toEqual([500, 'handler-threw']);
    },
  );

  test('for status does not matter', async () => {
    expect(await replyOf('status', 'anything')).toMatchObject({ status: 200 });
    expect((await replyOf('status', 'anything')).body).toBeUndefined();
  });

  test('is not there where there is no handler, and the call ends', async () => {
    const { deliver } = receivedBy(settings, { twilio: {} });
    const { status, body, entry } = await deliver(voice());
    expect([status, body, entry.outcomes]).toEqual([
      200,
      '<?xml version="1.0" encoding="UTF-8"?><Response/>',
      { 'no-handler': 1 },
    ]);
  });
});

describe('a webhook that is sent again', () => {
  const counted = () => {
    let calls = 0;
    return app({ voice: () => `<Response><Say>${++calls}</Say></Response>` });
  };
  const without = (request: OutgoingRequest) => ({
    ...request,
    headers: request.headers.filter(([name]) => name !== 'i-twilio-idempotency-token'),
  });

  test('for voice with its idempotency token gets the same TwiML', async () => {
    const { deliver } = counted();
    const request = voice();
    const bodies = [await deliver(request), await deliver(request)].map(({ body }) => body);
    expect(bodies).toEqual(Array(2).fill('<Response><Say>1</Say></Response>'));
  });

  test('for voice under another token, or with another field, is another one', async () => {
    const { deliver } = counted();
    const form = sampleForm('voice', twilio);
    const first = voice(form);
    const token = first.headers.find(([name]) => name === 'i-twilio-idempotency-token')![1];
    const pressed = voice({ ...form, Digits: '1' });
    const requests = [
      first,
      voice(form),
      { ...pressed, headers: withHeader(pressed.headers, 'i-twilio-idempotency-token', token) },
    ];
    const bodies: unknown[] = [];
    for (const request of requests) bodies.push((await deliver(request)).body);
    expect(new Set(bodies).size).toBe(3);
  });

  test('for voice without a token is never a repeat: a menu can send the same form twice', async () => {
    const { deliver } = counted();
    const request = without(voice());
    const bodies = [await deliver(request), await deliver(request)].map(({ body }) => body);
    expect(new Set(bodies).size).toBe(2);
  });

  test.each(['status', 'messages'] as const)(
    'for %s is known by SID and status, also with other headers and other fields',
    async (kind) => {
      const { deliver, handled } = app();
      const form = sampleForm(kind, twilio);
      const again = { ...form, Timestamp: 'later', NumSegments: '2' };
      const requests = [form, form, again].map((each) => twilio.webhook(BASE, kind, each));
      for (const request of [...requests, without(requests[0]!)]) {
        expect((await deliver(request)).status).toBe(200);
      }
      expect(handled).toHaveLength(1);
    },
  );

  test('with another status, or of another call, is another one', async () => {
    const { deliver, handled } = app();
    const form = sampleForm('status', twilio);
    for (const change of [{}, { CallStatus: 'failed' }, { CallSid: 'CA2' }, { SequenceNumber: '3' }]) {
      await deliver(twilio.webhook(BASE, 'status', { ...form, ...change }));
    }
    expect(handled).toHaveLength(4);
  });

  test('with its fields split anew under the same signature is a repeat', async () => {
    const { deliver, handled } = app();
    const form = { AccountSid: twilio.accountSid, MessageSid: 'SM1', MessageStatus: 'sent' };
    const request = twilio.webhook(BASE, 'status', form);
    await deliver(request);
    const split = { AccountSid: twilio.accountSid, MessageSid: 'SM1M', essageStatus: 'sent' };
    const { status, entry } = await deliver({ ...request, body: new URLSearchParams(split).toString() });
    expect([status, entry.outcomes, handled.length]).toEqual([200, { 'handled-before': 1 }, 1]);
  });

  test('without any SID is known by what was signed', async () => {
    const { deliver, handled } = app();
    for (const body of ['{"a":1}', '{"a":1}', '{"a":2}']) await deliver(twilio.json(BASE, 'status', body));
    expect(handled).toHaveLength(2);
  });
});

test.each<[string, string, number, string]>([
  ['no JSON', '{', 400, 'not-json'],
  ['a list', '[{},{}]', 400, 'no-events'],
  ['null', 'null', 400, 'no-events'],
])('a JSON body that is %s is genuine and of no use', async (_what, body, status, reason) => {
  const result = await app().deliver(twilio.json(BASE, 'status', body));
  expect([result.status, result.entry.reason]).toEqual([status, reason]);
});

test.each([
  ['application/x-www-form-urlencoded', 200],
  ['Application/X-WWW-Form-Urlencoded; charset=UTF-8', 200],
  ['text/plain', 415],
  ['multipart/form-data', 415],
])('a form of the content type %s is answered %i', async (type, status) => {
  const request = voice();
  const headers = withHeader(request.headers, 'content-type', type);
  expect((await app().deliver({ ...request, headers })).status).toBe(status);
});

describe('url()', () => {
  const contextOf = async () => {
    const { deliver, handled } = app();
    await deliver(voice());
    return handled[0]!.context;
  };

  test('makes an address whose signature can be verified, also after Twilio has rewritten it', async () => {
    const { url } = await contextOf();
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...twilioKinds),
        fc.dictionary(name, value),
        async (kind, parameters) => {
          const made = url(kind, parameters);
          const { search } = new URL(made);
          const query = new URLSearchParams(search);
          query.sort();
          // Sorted and encoded again it is the same.
          expect(query.toString()).toBe(search.slice(1));
          const { deliver, handled } = app();
          const form = sampleForm(kind, twilio);
          const request = twilio.webhook(BASE, kind, form, [search]);
          expect(request.url).toBe(made);
          expect((await deliver(request)).status).toBe(200);
          expect(handled[0]?.context.query).toEqual({ ...parameters });
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    { Step: 'menu' },
    { step1: 'menu' },
    { '': 'menu' },
    { step: '' },
    { step: 'a b' },
    { step: 'a&b' },
    { step: "O'Brien" },
    { step: 'a@b' },
    { step: 'a:b' },
    { step: 'a~b' },
    { step: 'a%20b' },
    { step: 'é' },
  ])('refuses what Twilio may rewrite: %j', async (parameters) => {
    const { url } = await contextOf();
    expect(() => url('voice', parameters as Record<string, string>)).toThrow(TypeError);
  });

  test('is of use in TwiML, in which the words of others are text', async () => {
    const { url, twiml } = await contextOf();
    const action = url('voice', { step: 'two', lang: 'en' });
    const said = `</Say><Dial>+15550100</Dial>&"'\u0000\uD800`;
    expect(twiml`<Gather action="${action}"><Say>${said}${undefined}${7}</Say></Gather>`).toBe(
      `<Gather action="${BASE}/api/callbacks/twilio/voice?lang=en&#38;step=two"><Say>&#60;/Say&#62;&#60;Dial&#62;+15550100&#60;/Dial&#62;&#38;&#34;&#39;\uFFFD7</Say></Gather>`,
    );
  });
});

describe('secrets', () => {
  /** The check of the signature, with secrets of the test. */
  function checkWith(tokens: readonly string[], isComplete = true) {
    const all = readSettings({
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      ...settings,
      KEY_VAULT_URL: 'https://vault.example',
    });
    const [first, ...rest] = tokens.map((token, index) => version(`kid${index}`, token));
    const secret = { ...knownVersions(() => [first!, ...rest]), isComplete: () => isComplete };
    const secrets = {
      ...createSecrets(all, {
        clock: systemClock,
        note: () => {},
        signIn: { inAzure: true, clientId: undefined },
      }),
      required: () => secret,
      optional: () => secret,
    };
    const platform = createPlatform(all, {
      secrets,
      ledger: memoryLedger(systemClock),
      clock: systemClock,
      note: () => {},
    });
    const sender = createSenders(all, platform).find(({ provider }) => provider.name === 'twilio');
    return sender!.endpoints[0]!.checks[0]!;
  }
  const asReceived = ({ url, headers, body }: OutgoingRequest) =>
    received({ url, headers: headers.map(([name, value]) => [name, value] as [string, string]), body });

  test('old and new overlap', async () => {
    const check = checkWith(['the new one', twilio.authToken]);
    expect(await verdictOf(check, asReceived(voice()))).toBe('accepted');
  });

  test('of which a version is missing leave open who signed', async () => {
    expect(await verdictOf(checkWith(['the old one'], false), asReceived(voice()))).toBe(
      'twilio-secret-unavailable',
    );
    expect(await verdictOf(checkWith(['the old one']), asReceived(voice()))).toBe('twilio-signature');
  });

  test('that are nowhere are our fault: 503', async () => {
    const { sender, deliver } = receivedBy(
      // Nothing listens there.
      { CALLBACK_BASE_URL: BASE, TWILIO_ACCOUNTS: twilio.accountSid, KEY_VAULT_URL: 'https://127.0.0.1:9' },
      {},
    );
    const { status, entry } = await deliver(voice());
    expect([status, entry.reason]).toEqual([503, 'twilio-secret-unavailable']);
    expect(sender.dependencies['twilio-secrets']?.isAvailable()).toBe(false);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'no secret and no vault',
      { [secretName(twilio.accountSid)]: '' },
      /the secret of its 2nd element, twilio-<accountSid>: set KEY/,
    ],
    [
      'no public address',
      { CALLBACK_BASE_URL: '' },
      /^TWILIO_ACCOUNTS has no use without CALLBACK_BASE_URL or WEBSITE_HOSTNAME/,
    ],
    [
      'a secret in the wrong place',
      { TWILIO_ACCOUNTS: twilio.authToken },
      /its 1st element is no account SID \(AC and 32 hex digits\)$/,
    ],
    [
      'another algorithm',
      { TWILIO_SHARED_KEY_ALGORITHM: 'none' },
      /^TWILIO_SHARED_KEY_ALGORITHM must be HMAC_SHA256 or HMAC_SHA1$/,
    ],
  ])('%s is a fault that repeats nothing secret', (_what, change, fault) => {
    const { faults } = inspectSettings({
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      ...settings,
      ...change,
    });
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toContain(twilio.authToken);
  });
});

test('the checks are signature and body hash, and a handler is cut off before Twilio gives up', () => {
  const { endpoints, provider } = app().sender;
  for (const { checks, unavailableStatus, maxBodyBytes } of endpoints) {
    expect([checks.map(({ name }) => name), unavailableStatus, maxBodyBytes]).toEqual([
      ['twilio-signature', 'body-hash'],
      503,
      65_536,
    ]);
  }
  expect([provider.waitSeconds, endpoints[0]?.delivery?.reply?.waitSeconds]).toEqual([15, 15]);
});

test('no line of the log holds a number, a text, a token or a signature', async () => {
  const request = twilio.webhook(BASE, 'messages', sampleForm('messages', twilio));
  const { logged } = await app().deliver(request);
  const log = logged.join('\n');
  for (const secret of ['15550100', 'Ça va', ...request.headers.slice(0, 2).map(([, value]) => value)]) {
    expect(log).not.toContain(secret);
  }
});

describe('explain says of a request that is refused', () => {
  const said = async (request: OutgoingRequest) => {
    const all = readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...settings });
    const secrets = createSecrets(all, {
      clock: systemClock,
      note: () => {},
      signIn: { inAzure: true, clientId: undefined },
    });
    const headers = request.headers.map(([name, value]) => [name, value] as [string, string]);
    const lines = await rehearsal.diagnose?.(received({ ...request, headers, body: request.body }), {
      settings: all,
      secrets,
    });
    return lines?.join('\n');
  };

  test('in which order its parameters were signed', async () => {
    const request = voice(undefined, ['?a=1&b=2&c=3', '?c=3&a=1&b=2']);
    expect((await app().deliver(request)).status).toBe(401);
    expect(await said(request)).toContain('its parameters in the order c, a, b.');
  });

  test('which address it was signed for', async () => {
    const request = newTwilio({ ...twilio, signedBase: 'https://proxy.example' }).webhook(
      BASE,
      'voice',
      sampleForm('voice', twilio),
    );
    const headers = [...request.headers, ['x-forwarded-host', 'proxy.example']] as const;
    expect(await said({ ...request, headers })).toContain(
      'signed for https://proxy.example, but the public address is',
    );
    const insecure = newTwilio({ ...twilio, signedBase: 'http://calls.example.com' });
    expect(await said(insecure.webhook(BASE, 'voice', sampleForm('voice', twilio)))).toContain(
      'signed for http://calls.example.com',
    );
  });

  test('whose secret signed it', async () => {
    const form = sampleForm('voice', other);
    expect(await said(twilio.webhook(BASE, 'voice', form))).toContain(
      `the auth token of ${twilio.accountSid}`,
    );
    const shared = twilio.bySharedKey(BASE, 'voice', sampleForm('voice', twilio));
    const headers = shared.headers.filter(([name]) => !name.startsWith('x-twilio-webhooks'));
    expect(await said({ ...shared, headers })).toContain('the shared key of');
  });

  test('that nothing known fits, where its form was altered', async () => {
    const request = voice();
    expect(await said({ ...request, body: `${String(request.body)}&Digits=1` })).toContain(
      'It fits no order',
    );
  });
});

describe('what the commands and the page sign', () => {
  const all = readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...settings });

  test('with the secrets of the settings is accepted, and each forgery refused for its reason', async () => {
    const { deliver, handled } = app({}, { TWILIO_ACCOUNTS: other.accountSid });
    const signer = rehearsal.withSecrets?.({ ...all, TWILIO_ACCOUNTS: [other.accountSid] });
    for (const { make } of signer?.samples ?? []) {
      expect((await deliver(make('http://127.0.0.1:7071'))).status).toBe(200);
    }
    expect(handled).toHaveLength(twilioKinds.length);
    for (const { name, expected, make } of signer?.forgeries ?? []) {
      const { status, entry } = await deliver(make('http://127.0.0.1:7071'));
      expect([name, status, entry.reason]).toEqual([name, expected.status, expected.reason]);
    }
    expect(
      rehearsal.withSecrets?.(
        readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ACS_RESOURCE_ID: randomUUID() }),
      ),
    ).toBe(undefined);
  });

  test('anew is accepted after each change', async () => {
    const target = { cloud: { of: () => twilio }, baseUrl: BASE } as unknown as Target;
    const json = twilio.json(BASE, 'status', '{"CallSid":"CA1"}');
    for (const [request, body] of [
      [voice(), `AccountSid=${twilio.accountSid}&Digits=%2B+1`],
      [twilio.bySharedKey(BASE, 'status', sampleForm('status', twilio)), `AccountSid=${twilio.accountSid}`],
      [json, '{"CallSid":"CA2"}'],
    ] as const) {
      const { deliver, handled } = app();
      const bytes = Buffer.from(body);
      const sent = {
        provider: 'twilio',
        target: targetOf(request.url),
        headers: request.headers,
        body: bytes,
      };
      const anew = await rehearsal.resign(sent, target);
      expect(
        (await deliver({ url: `${BASE}${anew?.target}`, headers: anew?.headers ?? [], body: bytes })).status,
      ).toBe(200);
      expect(handled).toHaveLength(1);
    }
  });

  test('is shown by its kind and state', () => {
    const form = Buffer.from('CallSid=CA1&CallStatus=ringing');
    expect(rehearsal.typesOf(form, '/api/callbacks/twilio/voice')).toEqual(['voice:ringing']);
    expect(rehearsal.typesOf(Buffer.from('{"MessageStatus":"sent"}'), '/status')).toEqual(['status:sent']);
    expect(rehearsal.typesOf(Buffer.from(''), '/voice')).toEqual(['voice']);
  });
});
