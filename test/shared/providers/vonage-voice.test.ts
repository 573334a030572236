import { createHash } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import { describe, expect, test } from 'vitest';
import { newVoiceCall, vonageVoice as rehearsal } from '../../../local/providers/vonage-voice.ts';
import { hs256 } from '../../../local/fakes/token.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import type { VonageVoiceHandlers } from '../../../shared/events/vonage-voice.ts';
import type { HandlerContext } from '../../../shared/events/context.ts';
import { accountApp, tokenOf } from '../../support/vonage.ts';

const NCCO = [{ action: 'talk', text: 'Hello' }];
const app = (vonageVoice: VonageVoiceHandlers = { answer: () => NCCO }) => accountApp({ vonageVoice });
const withBody = (body: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const PATH = 'vonage-voice/answer';

/** What a handler was called with, for each run. */
function recorded(returned?: unknown) {
  const given: { event: unknown; reference: string }[] = [];
  // Where a handler of either kind is asked for.
  const handler = (event: object, { reference }: HandlerContext) => {
    given.push({ event, reference });
    return returned as never;
  };
  return { given, handler };
}

test.each([
  ['GET', 'answer', 'query-hash'],
  ['POST', 'answer', 'body-hash'],
  ['GET', 'event', 'query-hash'],
  ['POST', 'event', 'body-hash'],
  ['POST', 'unknown', undefined],
] as const)('%s of %s is verified by source address, token and %s', (method, kind, last) => {
  const checks = app().checksOf(method, `vonage-voice/${kind}`);
  expect(checks).toEqual(last && ['source-address', 'vonage-token', last]);
});

test('answer gets the parameters of a GET, and returns the NCCO as JSON', async () => {
  const { answer } = newVoiceCall();
  const { given, handler } = recorded(NCCO);
  const { account, deliver } = app({ answer: handler });
  const { response, entry } = await deliver(account.get('https://app.example', PATH, answer));
  expect([response, given]).toEqual([withBody(NCCO), [{ event: answer, reference: answer.uuid }]]);
  expect(entry).toMatchObject({ delivery: 'vonage-voice', events: { answer: 1 }, outcomes: { handled: 1 } });
});

test('Vonage asks three times, each with a token of its own, by GET or by POST, and the handler runs once', async () => {
  const { answer } = newVoiceCall();
  const { given, handler } = recorded(NCCO);
  const { account, deliver } = app({ answer: handler });
  for (const way of ['get', 'get', 'get'] as const) {
    expect((await deliver(account[way]('https://app.example', PATH, answer))).response).toEqual(
      withBody(NCCO),
    );
  }
  expect(given).toHaveLength(1);
  const other = { ...answer, uuid: newVoiceCall().answer.uuid };
  for (let times = 0; times < 3; times++) await deliver(account.post('https://app.example', PATH, other));
  expect(given).toHaveLength(2);
});

test.each<[string, VonageVoiceHandlers]>([
  ['returns nothing', { answer: () => {} }],
  ['is not there', {}],
])('where answer %s the NCCO is empty', async (_what, handlers) => {
  const { account, deliver } = app(handlers);
  const { response } = await deliver(account.get('https://app.example', PATH, newVoiceCall().answer));
  expect(response).toEqual(withBody([]));
});

test('an answer that is no NCCO is an error of the handler, so that Vonage takes the fallback URL', async () => {
  const { account, deliver, text } = app({ answer: (() => 'talk') as never });
  const { status } = await deliver(account.get('https://app.example', PATH, newVoiceCall().answer));
  expect([status, text()]).toEqual([500, expect.stringContaining('must return an NCCO')]);
});

test.each(Object.entries(newVoiceCall().events))(
  'an event (%s) comes out as it was sent, and is known by its call',
  async (_name, event) => {
    const { given, handler } = recorded();
    const { account, deliver } = app({ event: handler });
    const { response } = await deliver(account.post('https://app.example', 'vonage-voice/event', event));
    const { uuid, call_uuid } = event as { uuid?: string; call_uuid?: string };
    expect([response, given]).toEqual([{ status: 200 }, [{ event, reference: uuid ?? call_uuid ?? '' }]]);
  },
);

test.each<[string, unknown, unknown]>([
  ['an NCCO', NCCO, withBody(NCCO)],
  ['nothing', undefined, { status: 200 }],
  ['something else', { ok: true }, { status: 200 }],
])('event may return an NCCO, for the end of an input; of %s comes %j', async (_what, returned, expected) => {
  const { account, deliver } = app({ event: () => returned });
  const { input } = newVoiceCall().events;
  const { response } = await deliver(account.post('https://app.example', 'vonage-voice/event', input));
  expect(response).toEqual(expected);
});

test('a state that metrics name is one that Vonage documents', async () => {
  const { account, deliver } = app({ event: () => {} });
  const { completed } = newVoiceCall().events;
  const { entry } = await deliver(account.post('https://app.example', 'vonage-voice/event', completed));
  expect(entry?.events).toEqual({ 'event:completed': 1 });
});

test('a captured callback runs no handler of another kind', async () => {
  const { given, handler } = recorded(NCCO);
  const { account, deliver } = app({ answer: handler, event: handler });
  const { answer, events } = newVoiceCall();
  for (const request of [
    account.get('https://app.example', PATH, answer),
    account.post('https://app.example', 'vonage-voice/event', events.completed),
  ]) {
    await deliver(request);
    const elsewhere = request.url.includes('answer')
      ? request.url.replace('answer', 'event')
      : request.url.replace('event', 'answer');
    expect((await deliver({ ...request, url: elsewhere })).entry?.outcomes).toEqual({ 'handled-before': 1 });
  }
  expect(given).toHaveLength(2);
});

test('events without a time are told apart by their tokens', async () => {
  const { given, handler } = recorded();
  const { account, deliver } = app({ event: handler });
  const notify = { payload: { step: 1 } };
  const one = account.post('https://app.example', 'vonage-voice/event', notify);
  await deliver(one);
  await deliver(one);
  await deliver(account.post('https://app.example', 'vonage-voice/event', notify));
  expect(given).toHaveLength(2);
});

describe('the hash of a GET', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  /** A request with this query, signed for this JSON. */
  function signedFor(query: string, json: string): Promise<number> {
    const { account, deliver } = app();
    const claims = { ...account.claims(''), payload_hash: sha256(json) };
    const token = hs256(account.header(), claims, account.secretOf('archive'));
    const url = `https://app.example/api/callbacks/${PATH}?${query}`;
    const headers = [['authorization', `Bearer ${token}`]] as const;
    return deliver({ method: 'GET', url, headers, body: '' }).then(({ status }) => status);
  }

  test.each([
    ['parameters', 'to=2&from=1', '{"to":"2","from":"1"}', 200],
    ['no parameters', '', '{}', 200],
    ['an empty value', 'a=&b', '{"a":"","b":""}', 200],
    ['percent encoding', 'a=%2B1%20%26&b=sip%3Ax%40y', '{"a":"+1 &","b":"sip:x@y"}', 200],
    ['a plus for a blank', 'a=x+y', '{"a":"x y"}', 200],
    ['quotation marks', 'a=%22%5C', String.raw`{"a":"\"\\"}`, 200],
    ['letters beyond ASCII', 'a=%C3%A9%F0%9F%93%9E', '{"a":"é📞"}', 200],
    // An object of JavaScript would move them to the front.
    ['names of digits', 'b=1&10=2&9=3', '{"b":"1","10":"2","9":"3"}', 200],
    ['a name of every object', '__proto__=1&a=2', '{"__proto__":"1","a":"2"}', 200],
    ['a repeated name whose last value was signed', 'a=1&a=2', '{"a":"2"}', 401],
    ['a repeated name whose first value was signed', 'a=1&a=2', '{"a":"1"}', 401],
    ['a repeated name whose values were signed as a list', 'a=1&a=2', '{"a":["1","2"]}', 401],
    ['another order', 'a=1&b=2', '{"b":"2","a":"1"}', 401],
    ['white space', 'a=1', '{"a": "1"}', 401],
  ])('is over a JSON object of its parameters, in their order: %s', async (_what, query, json, status) => {
    expect(await signedFor(query, json)).toBe(status);
  });
});

test('a POST without parameters and a GET without a body are each judged by their own part', async () => {
  const { account, deliver } = app();
  const { answer } = newVoiceCall();
  const get = account.get('https://app.example', PATH, answer);
  const posted = account.post('https://app.example', PATH, answer);
  const body = JSON.stringify(answer);
  const asPost: OutgoingRequest = { ...get, method: 'POST', body: '' };
  expect((await deliver(asPost)).entry?.reason).toBe('payload-hash-wrong');
  const asGet: OutgoingRequest = { ...posted, method: 'GET', body: '' };
  expect((await deliver(asGet)).entry?.reason).toBe('payload-hash-wrong');
  const withQuery = { ...posted, url: `${posted.url}?from=1`, body };
  expect((await deliver(withQuery)).status).toBe(200);
});

const genuine = Object.values(rehearsal.samples);
test('the library of Vonage accepts every sample, and so do we', async () => {
  expect(genuine.length).toBeGreaterThan(9);
  const { account, deliver } = app();
  const { answer, events } = newVoiceCall();
  const requests = [
    account.get('https://app.example', PATH, answer),
    account.post('https://app.example', PATH, newVoiceCall().answer),
    ...Object.values(events).map((event) => account.post('https://app.example', 'vonage-voice/event', event)),
  ];
  for (const request of requests) {
    expect(verifySignature(tokenOf(request), account.secretOf('archive'))).toBe(true);
    expect((await deliver(request)).status).toBe(200);
  }
});

/** What the library does not look at. */
const UNCHECKED = ['token-issuer', 'token-project', 'payload-hash-malformed', 'payload-hash-wrong'];
const UNCHECKED_AGES = [
  'token-issued-missing',
  'token-issued-in-future',
  'token-too-old',
  'token-claim-invalid',
];
const UNCHECKED_FORM = ['token-header-refused'];

const forgeries = rehearsal.forgeries.flatMap((family) =>
  family.members.map((forgery) => ({ ...forgery, family })),
);

test(`there are ${forgeries.length} forgeries: at least forty`, () => {
  expect(forgeries.length).toBeGreaterThanOrEqual(40);
});

test.each(forgeries)(
  '$name is refused as $expected.reason, by the library too where it looks',
  async (forgery) => {
    const runs = recorded(NCCO);
    const { deliver, target, account } = accountApp({
      vonageVoice: { answer: runs.handler, event: runs.handler },
    });
    const request = forgery.forge(await forgery.family.genuine(target));
    const { response, entry } = await deliver(request);
    expect({ status: response.status, reason: entry?.reason }).toEqual(forgery.expected);
    expect([response.body, runs.given]).toEqual(['{"error":"unauthorized"}', []]);
    // The library gets the token, not the header.
    if (forgery.expected.reason === 'token-not-bearer') return;
    const isUnchecked = [...UNCHECKED, ...UNCHECKED_AGES, ...UNCHECKED_FORM].includes(
      forgery.expected.reason,
    );
    expect(verifySignature(tokenOf(request), account.secretOf('archive'))).toBe(isUnchecked);
  },
);
