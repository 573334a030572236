import { AccessToken, WebhookReceiver } from 'livekit-server-sdk';
import { describe, expect, test } from 'vitest';
import {
  livekit as rehearsal,
  newLiveKit,
  sampleBody,
  webhookForgeries,
} from '../../../local/providers/livekit.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import type { Target } from '../../../local/target.ts';
import { livekitEvents } from '../../../shared/events/livekit.ts';
import type { LiveKitEvent, LiveKitHandlers } from '../../../shared/events/livekit.ts';
import { inspectSettings, readSettings } from '../../../shared/settings/settings.ts';
import { received } from '../../support/verdict.ts';
import { receivedBy } from '../../support/received-by.ts';

const BASE = 'https://app.example';
const livekit = newLiveKit({ apiKey: 'APIofTheTests' });
const settings = { LIVEKIT_KEYS: livekit.apiKey, SECRET_LIVEKIT_APIOFTHETESTS: livekit.apiSecret };
const forgeries = Object.values(webhookForgeries).flat();

/** An app that remembers what its handlers are called with. */
function app(handlers?: (handled: unknown[]) => LiveKitHandlers) {
  const handled: unknown[] = [];
  const otherwise = (event: LiveKitEvent) => void handled.push(event);
  return { handled, ...receivedBy(settings, { livekit: handlers?.(handled) ?? { otherwise } }) };
}

/** What LiveKit's own library makes of the request. */
async function verdictOfSdk({ headers, body }: OutgoingRequest): Promise<'accepted' | 'refused'> {
  const given = headers.filter(([name]) => name === 'authorization').map(([, value]) => value);
  try {
    await new WebhookReceiver(livekit.apiKey, livekit.apiSecret).receive(String(body), given.join());
    return 'accepted';
  } catch {
    return 'refused';
  }
}

test.each(livekitEvents)(
  '%s is accepted, by the library of LiveKit as well, and handled as it is',
  async (name) => {
    const body = sampleBody(name);
    const request = livekit.webhook(BASE, body);
    const { deliver, handled } = app();
    expect((await deliver(request)).status).toBe(200);
    expect(handled).toEqual([JSON.parse(body)]);
    expect(await verdictOfSdk(request)).toBe('accepted');
  },
);

test.each([
  ['alone', (token: string) => token],
  ['as a bearer token', (token: string) => `Bearer ${token}`],
])('a token that the library of LiveKit made is accepted %s', async (_how, written) => {
  const body = sampleBody('room_started');
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: 300 });
  token.sha256 = String(livekit.claims(body).sha256);
  const headers = [['authorization', written(await token.toJwt())]] as const;
  const { deliver, handled } = app();
  expect((await deliver({ ...livekit.webhook(BASE, body), headers })).status).toBe(200);
  expect(handled).toHaveLength(1);
});

/** Forgeries that the library of LiveKit takes for genuine. */
const STRICTER = [
  'livekit-exp-in-milliseconds',
  'livekit-exp-twelve-minutes-ahead',
  'livekit-nbf-long-ago',
  'livekit-iat-in-future',
  'livekit-access-token-with-a-hash',
  'livekit-token-padded',
  'livekit-header-jwk',
];

test('there are more than forty forgeries, with different names', () => {
  expect(forgeries.length).toBeGreaterThan(40);
  expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
});

test.each(forgeries)('$name is refused as $expected.reason', async ({ name, expected, forge }) => {
  const request = forge({ request: livekit.webhook(BASE, sampleBody('room_started')), livekit });
  const { deliver, handled } = app();
  const { status, entry, body } = await deliver(request);
  expect({ status, reason: entry.reason }).toEqual(expected);
  expect([handled, body]).toEqual([[], '{"error":"unauthorized"}']);
  const isStricter = STRICTER.includes(name);
  expect(await verdictOfSdk(request)).toBe(isStricter ? 'accepted' : 'refused');
});

describe('an event that is delivered again', () => {
  test('is known by its id, also with another token and another body', async () => {
    const { deliver, handled } = app();
    const id = 'EV_one';
    for (const name of ['room_started', 'room_finished']) {
      expect((await deliver(livekit.webhook(BASE, sampleBody(name, { id })))).status).toBe(200);
    }
    expect(handled).toHaveLength(1);
  });

  test('is handled after its handler threw', async () => {
    const { deliver, handled } = app((calls) => ({
      room_started() {
        if (calls.push('call') === 1) throw new Error('of the test');
      },
    }));
    const request = livekit.webhook(BASE, sampleBody('room_started'));
    expect([(await deliver(request)).status, (await deliver(request)).status]).toEqual([500, 200]);
    expect(handled).toHaveLength(2);
  });

  test('by two projects is two events', () => {
    const { sender } = app();
    const keys = ['one', 'other'].map((project) => {
      const body = sampleBody('room_started', { id: 'EV_one' });
      const parsed = sender.endpoints[0]?.delivery?.parse(received({ body }), { project });
      return typeof parsed === 'object' ? parsed.events[0]?.key : parsed;
    });
    expect(new Set(keys).size).toBe(2);
  });
});

test.each<[string, string | Uint8Array, string]>([
  ['no JSON', '{', 'not-json'],
  ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'not-json'],
  ['a list', `[${sampleBody('room_started')},{}]`, 'no-events'],
  ['null', 'null', 'no-events'],
  ['an event without an id', '{"event":"room_started"}', 'no-events'],
  ['an event with an empty id', '{"event":"room_started","id":""}', 'no-events'],
  ['an event without a name', '{"id":"EV_one"}', 'no-events'],
])('a body of %s is genuine and of no use', async (_what, body, reason) => {
  const { deliver, handled } = app();
  const { status, entry } = await deliver(livekit.webhook(BASE, body));
  expect([status, entry.reason, handled]).toEqual([400, reason, []]);
});

test('another content type is refused', async () => {
  const request = livekit.webhook(BASE, sampleBody('room_started'));
  const [authorization] = request.headers;
  const headers = [authorization!, ['content-type', 'text/plain']] as const;
  expect((await app().deliver({ ...request, headers })).status).toBe(415);
});

test.each([
  ['room_started', {}, 'by name'],
  ['room_finished', {}, 'otherwise'],
  ['not_yet_known', {}, 'otherwise'],
  ['otherwise', {}, 'otherwise'],
  ['constructor', {}, 'otherwise'],
])('of handlers by event, %s goes %s to its handler', async (name, change, expected) => {
  const { deliver, handled } = app((calls) => ({
    room_started: () => void calls.push('by name'),
    otherwise: () => void calls.push('otherwise'),
  }));
  await deliver(livekit.webhook(BASE, sampleBody(name, change)));
  expect(handled).toEqual([expected]);
});

test.each<[string, object, string]>([
  ['room_started', { room: { sid: 'RM_one' } }, 'RM_one'],
  ['egress_ended', { egressInfo: { roomId: 'RM_two' } }, 'RM_two'],
  ['ingress_started', {}, ''],
  ['room_started', { room: { sid: 7 } }, ''],
  ['room_started', { room: null }, ''],
])('of %s with %j the reference is %j', async (name, change, reference) => {
  const { deliver, handled } = app((calls) => ({
    otherwise: (_event, context) => calls.push(context.reference),
  }));
  await deliver(livekit.webhook(BASE, sampleBody(name, change as Record<string, unknown>)));
  expect(handled).toEqual([reference]);
});

test('an event without a handler is answered 200 and counted', async () => {
  const { status, entry } = await app(() => ({})).deliver(livekit.webhook(BASE, sampleBody('room_started')));
  expect([status, entry.outcomes, entry.events]).toEqual([200, { 'no-handler': 1 }, { room_started: 1 }]);
});

test('the checks are token and body hash, and LiveKit retries after a 503', () => {
  const [endpoint] = app().sender.endpoints;
  expect(endpoint?.checks.map(({ name }) => name)).toEqual(['livekit-token', 'body-hash']);
  expect(endpoint).toMatchObject({ method: 'POST', path: 'callbacks/livekit', unavailableStatus: 503 });
});

test('a secret that is nowhere is our fault: 503, and the sender is not available', async () => {
  const { sender, deliver } = receivedBy(
    // Nothing listens there.
    { LIVEKIT_KEYS: livekit.apiKey, KEY_VAULT_URL: 'https://127.0.0.1:9' },
    {},
  );
  const { status, entry } = await deliver(livekit.webhook(BASE, sampleBody('room_started')));
  expect([status, entry.reason]).toEqual([503, 'livekit-secret-unavailable']);
  expect(sender.dependencies['livekit-secrets']?.isAvailable()).toBe(false);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no secret and no vault', { LIVEKIT_KEYS: 'APIone' }, / its secret, livekit-<apiKey>: set KEY/],
  [
    'a blank secret',
    { LIVEKIT_KEYS: 'APIone', SECRET_LIVEKIT_APIONE: ' ' },
    /^SECRET_LIVEKIT_APIONE is blank/,
  ],
  ['a secret in the wrong place', { LIVEKIT_KEYS: 'API one' }, /its 1st element is no API key of LiveKit$/],
])('%s is a fault that repeats nothing secret', (_what, given, fault) => {
  const { faults } = inspectSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...given });
  expect(faults).toContainEqual(expect.stringMatching(fault));
});

test('no line of the log holds the token or what is in the body', async () => {
  const request = livekit.webhook(BASE, sampleBody('participant_joined'));
  const { logged } = await app().deliver(request);
  for (const secret of [livekit.token(request.body), 'guest', 'lobby']) {
    expect(logged.join('\n')).not.toContain(secret.slice(-40));
  }
});

test('what the commands sign with a secret of the settings is accepted, and each forgery refused for its reason', async () => {
  const { deliver, handled } = app();
  const signer = rehearsal.withSecrets?.(
    readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...settings }),
  );
  for (const { make } of signer?.samples ?? []) expect((await deliver(make(BASE))).status).toBe(200);
  expect(handled).toHaveLength(livekitEvents.length);
  for (const { name, expected, make } of signer?.forgeries ?? []) {
    const { status, entry } = await deliver(make(BASE));
    expect([name, status, entry.reason]).toEqual([name, expected.status, expected.reason]);
  }
  expect(signer?.forgeries).toHaveLength(forgeries.length);
});

test('a server in development mode has the secret that a forgery guesses, so that forgery is left out', () => {
  const development = {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    LIVEKIT_KEYS: 'devkey',
    SECRET_LIVEKIT_DEVKEY: 'secret',
  };
  expect(rehearsal.withSecrets?.(readSettings(development))?.forgeries).toHaveLength(forgeries.length - 1);
});

test('what the page signs anew is accepted', async () => {
  const { headers } = livekit.webhook(BASE, sampleBody('room_started'));
  const body = Buffer.from(sampleBody('room_finished'));
  const target = { cloud: { of: () => livekit }, baseUrl: BASE } as unknown as Target;
  const anew = await rehearsal.resign({ provider: 'livekit', target: '/', headers, body }, target);
  const { deliver, handled } = app();
  await deliver({ ...livekit.webhook(BASE, body), headers: anew?.headers ?? [] });
  expect(handled).toHaveLength(1);
});
