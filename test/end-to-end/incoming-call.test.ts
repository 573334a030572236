import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { incomingCall } from '../../local/providers/event-grid/index.ts';
import { post } from '../../local/http/request.ts';
import type { Schema } from '../../local/providers/event-grid/envelope.ts';
import { stageWithTestHandlers, startAiling, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// A call that rings, from Event Grid to the answer through the real SDK, against the staged bundle.
let staged: string;
let app: StagedApp;

beforeAll(async () => {
  staged = await stageWithTestHandlers();
  app = await startStaged(staged);
});
afterAll(() => app.stop());

const started = (id: unknown, of = app) =>
  of.logged.flatMap(({ message }) => (message.startsWith(`started ${id} `) ? [message] : []));

/** An IncomingCall in the schema of a subscription, and the call that it is about. */
function ringing(
  callerDisplayName = 'Ada',
  { schema = 'event-grid' as Schema, time = undefined as string | undefined, of = app } = {},
) {
  const subscription = of.subscription(schema);
  const data = of.callAutomation.incomingCall({ callerDisplayName });
  const told = { type: 'Microsoft.Communication.IncomingCall', subject: '/caller/a/recipient/b', data };
  const event = subscription.event({ ...told, id: randomUUID(), ...(time && { time }) });
  return { subscription, data, event, again: () => subscription.event({ ...told, id: randomUUID() }) };
}

describe.each<Schema>(['event-grid', 'cloud-events'])('in the schema %s', (schema) => {
  test('the handshake is granted', async () => {
    expect(await app.subscription(schema).subscribe()).toMatchObject({ granted: true, status: 200 });
  });

  test('the handshake is granted to a validation event', async () => {
    expect(await app.subscription(schema).validate()).toMatchObject({ granted: true, status: 200 });
  });

  test('the news that the subscription was deleted is taken', async () => {
    expect(await app.subscription(schema).unsubscribe()).toMatchObject({ status: 200 });
  });

  test('a call is answered, and its callbacks come under the minted URI', async () => {
    const { subscription, event } = ringing('Ada', { schema });
    expect(await subscription.send([event])).toMatchObject({ status: 200 });
    await app.callAutomation.idle();
    const reference = started(event.id)[0]?.split(' ').at(-1) ?? 'none';
    const callbacks = app.callAutomation.deliveries().filter(({ uri }) => uri.includes(`.${reference}.`));
    expect(callbacks.map(({ type, status }) => [type, status])).toEqual([
      ['CallConnected', 200],
      ['ParticipantsUpdated', 200],
    ]);
    // The handler of the callback is told the same reference.
    await expect
      .poll(() => app.logged.filter(({ message }) => message.endsWith(` ${reference}`)))
      .toHaveLength(2);
  });
});

test('the line of a delivery names what the Entra token carries, and says nothing of the token itself', async () => {
  const { subscription, event } = ringing();
  await subscription.send([event]);
  const line = app.logged.findLast(({ message }) => message.startsWith('{"delivery":"event-grid"'))?.message;
  const told = JSON.parse(line ?? '{}');
  expect(told.tokenClaims).toEqual(expect.arrayContaining(['appid', 'aud', 'exp', 'iss', 'roles', 'tid']));
  // It lives for a day, and began five minutes ago.
  expect(told.tokenLifeSeconds).toBe(86_700);
  expect(told).not.toHaveProperty('tokenFingerprint');
  expect(line).not.toContain(app.entra.tenantId);
});

test('a delivery that comes again makes no second answer', async () => {
  const { subscription, event } = ringing();
  const replies = [await subscription.send([event]), await subscription.send([event], 1)];
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(started(event.id)).toHaveLength(1);
});

test('an event that is twice in one batch makes one answer, and is not sent again', async () => {
  const { subscription, event } = ringing();
  expect(await subscription.send([event, event])).toMatchObject({ status: 200 });
  expect(started(event.id)).toHaveLength(1);
});

test('a second subscription that tells of the same call makes no second answer', async () => {
  const { subscription, event, again } = ringing();
  const other = again();
  const replies = [await subscription.send([event]), await subscription.send([other])];
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect([started(event.id).length, started(other.id).length]).toEqual([1, 0]);
});

test('two subscriptions at once make one answer: the other is 504, and 200 when it comes again', async () => {
  const { subscription, event, again } = ringing('wait-for-disconnect');
  const other = again();
  const first = subscription.send([event]);
  await expect.poll(() => started(event.id)).toHaveLength(1);
  expect(await subscription.send([other])).toMatchObject({ status: 504 });
  // The gate of the handler is named after the topic.
  const uri = await app.callbackUri();
  const data = { callConnectionId: app.eventGrid.topic };
  const open = { id: randomUUID(), source: 'gate', type: 'Microsoft.Communication.CallDisconnected', data };
  await post({
    url: uri,
    headers: [['authorization', `Bearer ${app.acs.token()}`]],
    body: JSON.stringify([open]),
  });
  expect(await first).toMatchObject({ status: 200 });
  expect(await subscription.send([other], 1)).toMatchObject({ status: 200 });
  expect(started(other.id)).toHaveLength(0);
});

test('a handler that throws is 500, and both deliveries of the call are free again', async () => {
  const { subscription, event, again } = ringing('throw-once');
  expect(await subscription.send([event])).toMatchObject({ status: 500 });
  const other = again();
  expect(await subscription.send([other])).toMatchObject({ status: 500 });
  expect(await subscription.send([event], 1)).toMatchObject({ status: 200 });
  expect([started(event.id).length, started(other.id).length]).toEqual([2, 1]);
});

test('of a batch only what failed is handled again, and a foreign type loses nothing', async () => {
  const good = ringing('nobody answers');
  const bad = ringing('throw-once');
  const foreign = good.subscription.event({
    type: 'Microsoft.Communication.SMSReceived',
    subject: '',
    data: {},
  });
  const batch = [good.event, foreign, bad.event];
  expect(await good.subscription.send(batch)).toMatchObject({ status: 500 });
  expect(await good.subscription.send(batch, 1)).toMatchObject({ status: 200 });
  expect([started(good.event.id).length, started(bad.event.id).length]).toEqual([1, 2]);
});

test.each([
  [29, 'ringing'],
  [31, 'missed'],
])('an event that is %i seconds old is handed over as %s', async (age, expected) => {
  const { subscription, event } = ringing('nobody answers', {
    time: new Date(Date.now() - age * 1000).toISOString(),
  });
  const before = app.logged.length;
  await subscription.send([event]);
  expect(started(event.id)[0]).toContain(` ${expected} `);
  const told = app.logged.slice(before).filter(({ message }) => message.includes('"call-missed"'));
  expect(told).toHaveLength(expected === 'missed' ? 1 : 0);
});

test.each([
  ['reject', 'reject'],
  ['redirect', 'redirect'],
])('a call can be turned away: %s', async (how, operation) => {
  const { subscription, event } = ringing(how);
  expect(await subscription.send([event])).toMatchObject({ status: 200 });
  const asked = app.callAutomation.requests().at(-1);
  expect(asked).toMatchObject({
    path: expect.stringContaining(`:${operation}`),
    status: 204,
    signer: 'identity',
  });
});

test('a handler can place a call, and is told how it goes', async () => {
  const { subscription, event } = ringing('place a call');
  const before = app.callAutomation.deliveries().length;
  expect(await subscription.send([event])).toMatchObject({ status: 200 });
  await app.callAutomation.idle();
  const callbacks = app.callAutomation.deliveries().slice(before);
  expect(callbacks.map(({ status }) => status)).toEqual([200, 200]);
});

test('without credentials nothing is told apart from a wrong key', async () => {
  const { subscription, event } = ringing();
  const url = `${app.url}/api/events/incoming-call`;
  const bare = await fetch(url, { method: 'POST', body: JSON.stringify([event]) });
  const wrong = await fetch(url, { method: 'POST', body: '[]', headers: { 'x-ringward-key': 'wrong' } });
  expect([bare.status, await bare.text()]).toEqual([wrong.status, await wrong.text()]);
  expect(subscription).toBeDefined();
});

test('the shared key may come in the query instead', async () => {
  const { event } = ringing('nobody answers');
  const response = await fetch(`${app.url}/api/events/incoming-call?key=${app.eventGrid.key}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${app.entra.token({ audience: app.eventGrid.audience, version: 2 })}`,
      'aeg-subscription-name': app.eventGrid.subscription,
      'content-type': 'application/cloudevents+json',
    },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(200);
});

describe('other settings', () => {
  test('a batch of five thousand is handled in one request, and only what failed when it comes again', async () => {
    const own = await startStaged(staged, { EVENT_GRID_TOPICS: '' });
    try {
      // Event Grid takes no more than a mebibyte, so they say no more than they have to.
      const events = Array.from({ length: 5000 }, (_, index) => ({
        id: `e${index}`,
        topic: '/t',
        eventType: 'Microsoft.Communication.IncomingCall',
        data: { serverCallId: `${index}`, to: { rawId: 'a' }, callerDisplayName: 'nobody answers' },
      }));
      const failing = { ...events[4000], data: { ...events[4000]?.data, callerDisplayName: 'throw-once' } };
      const batch = events.with(4000, failing as (typeof events)[0]);
      const send = () =>
        post({
          ...incomingCall(own, own.url),
          body: JSON.stringify(batch),
        });
      expect([(await send()).status, (await send()).status]).toEqual([500, 200]);
      const handlings = () => own.logged.filter(({ message }) => /^started e\d/.test(message)).length;
      // The log comes from another process than the reply does.
      await expect.poll(handlings).toBe(5001);
      expect(started('e4000', own)).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });

  test('an outage of the keys of Entra is 504, never 401, and the event is handled when it comes again', async () => {
    const own = await startAiling(staged, {}, ({ entra }) => entra.play('keys', 'server-error'));
    try {
      const { subscription, event } = ringing('nobody answers', { of: own });
      expect(await subscription.send([event])).toMatchObject({ status: 504 });
      own.entra.play('keys');
      const again = async () => (await subscription.send([event], 1)).status;
      await expect.poll(again, { interval: 1000 }).not.toBe(504);
      expect(started(event.id, own)).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });

  test('an outage of the vault from the start is 504', async () => {
    const own = await startAiling(staged, { KEY_VAULT_URL: 'https://no-such-vault.vault.azure.net' });
    try {
      const { subscription, event } = ringing('nobody answers', { of: own });
      expect(await subscription.send([event])).toMatchObject({
        status: 504,
        body: '{"error":"unavailable"}',
      });
      expect(await subscription.subscribe()).toMatchObject({ granted: false, status: 504 });
    } finally {
      await own.stop();
    }
  });

  test('a shared key alone, a connection string, and a media host', async () => {
    const settings = {
      EVENT_GRID_TENANT_ID: '',
      EVENT_GRID_AUTHORITY: '',
      EVENT_GRID_AUDIENCE: '',
      ACS_CONNECTION_STRING_SECRET: 'acs-connection-string',
      MEDIA_URL: 'wss://media.example/media',
    };
    const own = await startStaged(staged, settings, ({ azure, callAutomation }) => {
      azure.vault.add('acs-connection-string', callAutomation.connectionString);
    });
    try {
      const { subscription, event } = ringing('with media', { of: own });
      expect(await subscription.send([event])).toMatchObject({ status: 200 });
      await own.callAutomation.idle();
      const answer = own.callAutomation.requests().find(({ path }) => path.includes(':answer'));
      expect(answer).toMatchObject({ signer: 'access-key', status: 200 });
      const { mediaStreamingOptions, transcriptionOptions } = (answer?.body ?? {}) as Record<
        string,
        { transportUrl: string }
      >;
      expect(mediaStreamingOptions?.transportUrl).toMatch(/^wss:\/\/media\.example\/media\?ticket=v1\./);
      expect(transcriptionOptions?.transportUrl).toMatch(/^wss:\/\/media\.example\/media\?ticket=v1\./);
      expect(transcriptionOptions?.transportUrl).not.toBe(mediaStreamingOptions?.transportUrl);
    } finally {
      await own.stop();
    }
  });

  test('without ACS_ENDPOINT the handler gets the event, and answering says what is missing', async () => {
    const own = await startStaged(staged, { ACS_ENDPOINT: '' });
    try {
      const logged = ringing('nobody answers', { of: own });
      expect(await logged.subscription.send([logged.event])).toMatchObject({ status: 200 });
      const answered = ringing('Ada', { of: own });
      expect(await answered.subscription.send([answered.event])).toMatchObject({ status: 500 });
      await expect
        .poll(() => own.logged.some(({ message }) => message.includes('set ACS_ENDPOINT')))
        .toBe(true);
    } finally {
      await own.stop();
    }
  });
});
