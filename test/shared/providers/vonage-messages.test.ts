import { verifySignature } from '@vonage/jwt';
import { expect, test } from 'vitest';
import { vonageMessages as rehearsal } from '../../../local/providers/vonage-messages.ts';
import type { HandlerContext } from '../../../shared/events/context.ts';
import type { VonageMessagesHandlers } from '../../../shared/events/vonage-messages.ts';
import { accountApp, tokenOf } from '../../support/vonage.ts';

const BASE = 'https://app.example';
const INBOUND = 'vonage-messages/inbound';
const STATUS = 'vonage-messages/status';
const app = (vonageMessages: VonageMessagesHandlers = {}, accounts?: string) =>
  accountApp({ vonageMessages }, accounts);

const inbound = (change: object = {}) => ({
  channel: 'sms',
  message_uuid: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  from: '447700900000',
  to: '442079460000',
  timestamp: '2026-11-29T12:00:00Z',
  message_type: 'text',
  text: 'Hello',
  a_newer_member: { is: 'passed on' },
  ...change,
});

/** Handlers of both kinds, and what they were called with. */
function recorded() {
  const given: { kind: string; event: unknown; reference: string }[] = [];
  const of =
    (kind: string) =>
    (event: unknown, { reference }: HandlerContext) =>
      void given.push({ kind, event, reference });
  return { given, handlers: { inbound: of('inbound'), status: of('status') } };
}

test.each([
  ['POST', 'inbound', ['source-address', 'vonage-token', 'body-hash']],
  ['POST', 'status', ['source-address', 'vonage-token', 'body-hash']],
  ['GET', 'inbound', undefined],
  ['POST', 'unknown', undefined],
] as const)('%s of %s is verified by %j', (method, kind, checks) => {
  expect(app().checksOf(method, `vonage-messages/${kind}`)).toEqual(checks);
});

test('a callback comes out as it was sent, goes to the handler of its kind, and is known by its message', async () => {
  const { given, handlers } = recorded();
  const { account, deliver } = app(handlers);
  const [message, state] = [inbound(), inbound({ status: 'delivered' })];
  const first = await deliver(account.post(BASE, INBOUND, message));
  const second = await deliver(account.post(BASE, STATUS, state));
  expect([first.response, second.response]).toEqual([{ status: 200 }, { status: 200 }]);
  expect(given).toEqual([
    { kind: 'inbound', event: message, reference: message.message_uuid },
    { kind: 'status', event: state, reference: message.message_uuid },
  ]);
  expect([first.entry?.events, second.entry?.events]).toEqual([{ inbound: 1 }, { 'status:delivered': 1 }]);
});

test('what a handler returns is no part of the response', async () => {
  const { account, deliver } = app({ inbound: () => [{ action: 'talk' }] });
  expect((await deliver(account.post(BASE, INBOUND, inbound()))).response).toEqual({ status: 200 });
});

test('a callback that is signed anew is a repeat, and so is a captured one on the route of another kind', async () => {
  const { given, handlers } = recorded();
  const { account, deliver } = app(handlers);
  for (const path of [INBOUND, INBOUND, STATUS]) await deliver(account.post(BASE, path, inbound()));
  const captured = account.post(BASE, INBOUND, inbound());
  await deliver({ ...captured, url: captured.url.replace('inbound', 'status') });
  expect(given).toHaveLength(1);
});

test('without a time the token tells two callbacks apart', async () => {
  const { given, handlers } = recorded();
  const { account, deliver } = app(handlers);
  const one = account.post(BASE, STATUS, inbound({ timestamp: undefined }));
  for (const request of [one, one, account.post(BASE, STATUS, inbound({ timestamp: undefined }))]) {
    await deliver(request);
  }
  expect(given).toHaveLength(2);
});

test('a callback without a handler is answered 200, and one whose handler throws is handled when it is sent again', async () => {
  let runs = 0;
  const { account, deliver } = app({
    inbound() {
      if (++runs === 1) throw new Error('broken');
    },
  });
  const request = account.post(BASE, INBOUND, inbound());
  expect((await deliver(account.post(BASE, STATUS, inbound()))).entry?.outcomes).toEqual({ 'no-handler': 1 });
  const statuses = [(await deliver(request)).status, (await deliver(request)).status];
  expect([statuses, runs]).toEqual([[500, 200], 2]);
});

test('an account without an application accepts each of its applications, and one with an application that alone', async () => {
  const from = (account: ReturnType<typeof app>['account']) => account.post(BASE, INBOUND, inbound());
  const any = app({}, '12345678');
  const [ours, theirs] = [app().account, app({}, '12345678:another-application').account];
  expect((await any.deliver(from(ours))).status).toBe(200);
  expect((await any.deliver(from(theirs))).status).toBe(200);
  expect((await app().deliver(from(ours))).status).toBe(200);
  expect((await app().deliver(from(theirs))).entry?.reason).toBe('token-project');
});

test('a callback without a token is asked for again', async () => {
  const { account, deliver } = app();
  const unsigned = { ...account.post(BASE, INBOUND, inbound()), headers: [] };
  const { response, entry } = await deliver(unsigned);
  expect([response.status, response.headers?.['retry-after'], entry?.reason]).toEqual([
    503,
    '5',
    'callback-unsigned',
  ]);
});

const forgeries = rehearsal.forgeries.flatMap((family) =>
  family.members.map((forgery) => ({ ...forgery, family })),
);

test(`there are ${forgeries.length} forgeries: at least forty`, () => {
  expect(forgeries.length).toBeGreaterThanOrEqual(40);
});

/** The reasons of what the library of Vonage looks at. It gets the token, not the header. */
const CHECKED = ['token-algorithm', 'token-signature', 'token-malformed'];

test.each(forgeries)(
  '$name is refused as $expected.reason, by the library too where it looks',
  async (forgery) => {
    const { given, handlers } = recorded();
    const { account, deliver, target } = accountApp({ vonageMessages: handlers });
    const genuine = await forgery.family.genuine(target);
    expect(verifySignature(tokenOf(genuine.request), account.secretOf('archive'))).toBe(true);
    const request = forgery.forge(genuine);
    const { response, entry } = await deliver(request);
    expect({ status: response.status, reason: entry?.reason }).toEqual(forgery.expected);
    expect([response.body, given]).toEqual(['{"error":"unauthorized"}', []]);
    if (CHECKED.includes(forgery.expected.reason)) {
      expect(verifySignature(tokenOf(request), account.secretOf('archive'))).toBe(false);
    }
    expect((await deliver(genuine.request)).status).toBe(200);
  },
);
