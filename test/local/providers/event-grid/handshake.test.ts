import { expect, test } from 'vitest';
import { startSubscription, TOPIC } from './setup.ts';
import type { Received, Response } from '../receiver.ts';

const json = (body: unknown, status = 200): Response => ({ status, body: JSON.stringify(body) });
const codeOf = ({ body }: Received) => JSON.parse(body)[0].data.validationCode;

test.each<[string, (request: Received) => Response, boolean]>([
  ['200 and the code', (request) => json({ validationResponse: codeOf(request) }), true],
  ['202 and the code', (request) => json({ validationResponse: codeOf(request) }, 202), false],
  ['200 and another code', () => json({ validationResponse: 'another' }), false],
  ['200 and nothing', () => ({ status: 200 }), false],
  ['200 and null', () => json(null), false],
  ['401', () => ({ status: 401 }), false],
])('a validation event that is answered with %s', async (_case, answer, granted) => {
  const { app, clock, grid } = await startSubscription({ key: 'shared' });
  app.answer(answer);
  expect(await grid.subscribe()).toMatchObject({ granted });
  const [{ method, headers, body } = { method: '', headers: {}, body: '[]' }] = app.received();
  expect(method).toBe('POST');
  expect(headers).toMatchObject({
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': 'INCOMING-CALL',
    'x-ringward-key': 'shared',
  });
  expect(JSON.parse(body)).toMatchObject([
    {
      topic: '/subscriptions/0a',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: expect.any(String), validationUrl: expect.stringMatching(/^https:/) },
    },
  ]);
  expect(clock.sleepers()).toBe(0);
});

test('a validation event in CloudEvents is a single one, with data as JSON text', async () => {
  const { app, grid } = await startSubscription({ schema: 'cloud-events' });
  const dataOf = ({ body }: Received) => JSON.parse(JSON.parse(body).data);
  app.answer((request) => json({ validationResponse: dataOf(request).validationCode }));
  expect(await grid.validate()).toMatchObject({ granted: true });
  expect(app.received()[0]?.headers).toMatchObject({ 'aeg-event-type': 'SubscriptionValidation' });
});

const ORIGIN = { 'webhook-allowed-origin': 'eventgrid.azure.net' };

test.each<[string, Response, boolean]>([
  ['the origin and any rate', { status: 200, headers: { ...ORIGIN, 'webhook-allowed-rate': '*' } }, true],
  ['the origin and a rate', { status: 200, headers: { ...ORIGIN, 'webhook-allowed-rate': '120' } }, true],
  [
    'any origin',
    { status: 200, headers: { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' } },
    true,
  ],
  ['no rate', { status: 200, headers: ORIGIN }, false],
  ['a rate of none', { status: 200, headers: { ...ORIGIN, 'webhook-allowed-rate': '0' } }, false],
  ['nothing', { status: 200 }, false],
  ['the right headers and 401', { status: 401, headers: { ...ORIGIN, 'webhook-allowed-rate': '*' } }, false],
])('OPTIONS that is answered with %s', async (_case, answer, granted) => {
  const { app, grid } = await startSubscription({ schema: 'cloud-events', key: 'shared', token: () => 't' });
  app.answer(() => answer);
  expect(await grid.subscribe()).toMatchObject({ granted });
  const [{ method, headers } = { method: '', headers: {} }] = app.received();
  expect(method).toBe('OPTIONS');
  expect(headers).toMatchObject({
    'webhook-request-origin': 'eventgrid.azure.net',
    'webhook-request-rate': '120',
    'x-ringward-key': 'shared',
  });
  expect(Object.keys(headers)).not.toContain('authorization');
  expect(Object.keys(headers)).not.toContain('aeg-subscription-name');
});

test('OPTIONS carries what is not documented only where it is asked to', async () => {
  const optionsCarries = { name: true, token: true, callback: true };
  const { app, grid } = await startSubscription({ schema: 'cloud-events', token: () => 't', optionsCarries });
  const { secrets } = await grid.subscribe();
  expect(app.received()[0]?.headers).toMatchObject({
    authorization: 'Bearer t',
    'aeg-subscription-name': 'INCOMING-CALL',
    'webhook-request-callback': secrets[0],
  });
});

test('an endpoint that takes more than thirty seconds grants nothing', async () => {
  const { app, clock, grid } = await startSubscription();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  app.answer(() => {
    resolve();
    return new Promise(() => {});
  });
  const handshake = grid.subscribe();
  await arrived;
  await clock.advance(30_000);
  expect(await handshake).toMatchObject({ granted: false, status: 0 });
});

test('a subscription that is deleted says so', async () => {
  const { app, grid } = await startSubscription();
  await grid.unsubscribe();
  const [{ headers, body } = { headers: {}, body: '[]' }] = app.received();
  expect(headers).toMatchObject({ 'aeg-event-type': 'SubscriptionDeletion' });
  expect(JSON.parse(body)).toMatchObject([
    { topic: TOPIC, eventType: 'Microsoft.EventGrid.SubscriptionDeletedEvent' },
  ]);
});
