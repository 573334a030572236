import { afterAll, beforeAll, expect, test } from 'vitest';
import { callbackForgeries } from '../../local/providers/call-automation/forgeries/index.ts';
import { eventForgeries } from '../../local/providers/event-grid/forgeries.ts';
import type { CallForgery } from '../../local/providers/call-automation/forgeries/call-forgery.ts';
import type { Forgery } from '../../local/providers/forgery.ts';
import type { GenuineEvent } from '../../local/providers/event-grid/forgeries.ts';
import { callback, genuineCall } from '../../local/providers/call-automation/requests.ts';
import { genuineEvent, incomingCall } from '../../local/providers/event-grid/index.ts';
import { providers } from '../../local/providers/index.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest, Reply } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { PUBLIC_URL, stageWithTestHandlers, startInProduction } from './staged.ts';
import type { StagedApp } from './staged.ts';

const forgeries = Object.values(callbackForgeries).flat();
const incomingForgeries = Object.values(eventForgeries).flat();
/** Of every other sender. */
const otherForgeries = providers
  .filter(({ name }) => name !== 'call-automation' && name !== 'event-grid')
  .flatMap((provider) => provider.forgeries)
  .flatMap(({ genuine, members }) => members.map((forgery) => ({ ...forgery, genuine })));

// The table of attacks against the staged bundle, and then its log: what an operator may read, an attacker may as well.
let app: StagedApp;
const sent: OutgoingRequest[] = [];
/** What was answered with each status, without what differs from one answer to the next. */
const answers = new Map<number, Set<string>>();
/** Of the key set, and of the callback key's versions: at the start, and once in ten seconds for unknown key ids. */
let mostFetches = 0;
const results = new Map<object, { status: number; reason: unknown; handled: number }>();

beforeAll(async () => {
  app = await startInProduction(await stageWithTestHandlers());
  const trials = [
    ...forgeries.map((forgery) => ({ forgery, work: () => attempt(forgery) })),
    ...incomingForgeries.map((forgery) => ({ forgery, work: () => attemptIncoming(forgery) })),
    ...otherForgeries.map((forgery) => ({ forgery, work: () => attemptOther(forgery) })),
  ];
  const run = async ({ forgery, work }: (typeof trials)[number]) => results.set(forgery, await work());
  // Those with unknown key ids, at once.
  const began = performance.now();
  await Promise.all(trials.filter(({ forgery }) => 'alternatively' in forgery).map(run));
  mostFetches = 1 + Math.ceil((performance.now() - began) / 10_000);
  const others = trials.filter(({ forgery }) => !('alternatively' in forgery)).values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const one of others) await run(one);
    }),
  );
});
afterAll(() => app.stop());

async function forged(request: OutgoingRequest): Promise<Reply> {
  sent.push(request);
  const reply = await post(request);
  const { date: _date, 'x-ms-invocation-id': _id, ...headers } = reply.headers;
  const { status, body } = reply;
  answers.set(status, (answers.get(status) ?? new Set()).add(JSON.stringify([headers, body])));
  return reply;
}

async function attempt({ afterGenuine, forge }: CallForgery) {
  const event = newCall().event('CallConnected');
  const original = callback(app.acs, await app.callbackUri(), [event]);
  if (afterGenuine) await post(original);
  const before = handlings(event.id);
  const { status, headers } = await forged(forge(genuineCall(app, original)));
  const { reason } = await app.lineOf(String(headers['x-ms-invocation-id']));
  return { status, reason, handled: handlings(event.id) - before };
}

async function attemptIncoming({ forge }: Forgery<GenuineEvent>) {
  const original = incomingCall(app, app.url);
  const [{ id }] = JSON.parse(String(original.body)) as [{ id: string }];
  const { status, headers, body } = await forged(forge(genuineEvent(app, original)));
  const { reason } = await app.lineOf(String(headers['x-ms-invocation-id']));
  // Nothing that was asked for is granted, and nothing that was sent comes back.
  expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  expect(body).not.toContain('validationResponse');
  return { status, reason, handled: handlings(id) };
}

async function attemptOther({ genuine, forge }: (typeof otherForgeries)[number]) {
  // Some sign the public address of the app. It listens at another.
  const request = forge(await genuine({ cloud: app, baseUrl: PUBLIC_URL, mediaUrl: '' }));
  const { status, headers } = await forged({ ...request, url: request.url.replace(PUBLIC_URL, app.url) });
  const { reason, outcomes } = await app.lineOf(String(headers['x-ms-invocation-id']));
  return { status, reason, handled: outcomes?.['handled'] ?? 0 };
}

const handlings = (eventId: string) => app.logged.filter(({ message }) => message.includes(eventId)).length;

test.each([...forgeries, ...incomingForgeries, ...otherForgeries])(
  '$name is refused as $expected.reason',
  (forgery) => {
    const { handled, ...answer } = results.get(forgery) ?? { handled: 1, status: 0 };
    expect(handled).toBe(0);
    if (forgery.alternatively && answer.status !== 401) expect(answer).toEqual(forgery.alternatively);
    else expect(answer).toEqual(forgery.expected);
  },
);

test.each(['token-key-unknown', 'callback-key-unknown-id'] as const)(
  'of those refused as %s, at least the first is: the others may be put off',
  (reason) => {
    const answers = forgeries
      .filter(({ expected }) => expected.reason === reason)
      .map((one) => results.get(one));
    expect(answers.map((answer) => answer?.status)).toContain(401);
  },
);

test('all answers with one status are the same to the byte, for every reason', () => {
  expect(answers.get(401)?.size).toBe(1);
  expect([...answers.values()].filter((different) => different.size > 1)).toEqual([]);
});

test('no forgery made the app answer a call', () => {
  expect(app.callAutomation.calls()).toEqual([]);
});

test('the forgeries together made the app ask the issuer and the vault again, but not more than once in ten seconds', () => {
  const { keys } = app.acs.fetches();
  expect(keys).toBeGreaterThanOrEqual(2);
  expect(keys).toBeLessThanOrEqual(mostFetches);
  const listings = app.azure.vault.requests().filter((path) => path.endsWith('/versions'));
  const callbackKey = '/secrets/callback-key/versions';
  const asked = listings.filter((path) => path === callbackKey).length;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(mostFetches);
  // Once each at the start, and never one that a forgery named.
  const others = listings.filter((path) => path !== callbackKey);
  expect(new Set(others).size).toBe(others.length);
  const isConfigured = (path: string) =>
    /event-grid-key|vonage-|livekit-|twilio-/.test(path) && !/41111111|another|AC0000/.test(path);
  expect(others.filter((path) => !isConfigured(path))).toEqual([]);
  expect(app.entra.fetches()).toEqual({ 'configuration-v1': 0, 'configuration-v2': 1, keys: 1 });
});

test('no line of the log holds a token, a key, the secret or a body', async () => {
  const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
  const withHandlerError = callback(app.acs, await app.callbackUri(), [
    newCall().event('CallConnected', { operationContext: 'throw' }),
  ]);
  for (const one of [request, withHandlerError, incomingCall(app, app.url)]) {
    sent.push(one);
    await post(one);
  }
  const log = app.logged.map(({ message }) => message).join('\n');
  expect(log.split('\n').length).toBeGreaterThan(forgeries.length);

  const secrets = new Set([String(app.callbackSecret.secret), ...sent.flatMap(secretsOf)]);
  expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
});

/** What must not be seen of a request: every part of its token and key that is not public, and its body's data. */
function secretsOf({ url, headers, body }: OutgoingRequest): string[] {
  const tokens = headers
    .filter(([name]) => name.startsWith('auth') || /^(x-ringward-key|x-twilio-signature)$/.test(name))
    .flatMap(([, value]) => value.split(/[ .,\t]/))
    .filter((part) => part.length > 20);
  const keys = [...new URL(url).searchParams.values()].flatMap((value) => [
    value,
    value.split('.').at(-1) ?? '',
  ]);
  const data = /"(?:serverCallId|incomingCallContext|rawId|validationUrl)":"([^"]+)"/g;
  const values = [...String(body).matchAll(data)].map(([, value = '']) => value);
  return [...tokens, ...keys.filter((key) => key.length > 20), ...values];
}
