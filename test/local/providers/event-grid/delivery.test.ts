import { expect, test } from 'vitest';
import type { SubscriptionOptions } from '../../../../local/providers/event-grid/subscription.ts';
import { isUnsettled } from '../../../clock.ts';
import { startSubscription, TOPIC } from './setup.ts';

test.each<[string, Partial<SubscriptionOptions>, number, string, boolean]>([
  ['an event', {}, 1, 'application/json', true],
  ['events', {}, 2, 'application/json', true],
  ['a CloudEvent', { schema: 'cloud-events' }, 1, 'application/cloudevents+json', false],
  ['CloudEvents', { schema: 'cloud-events' }, 2, 'application/cloudevents-batch+json', true],
  [
    'a batch of one CloudEvent',
    { schema: 'cloud-events', batching: true },
    1,
    'application/cloudevents-batch+json',
    true,
  ],
])(
  '%s goes out in the form and under the headers of its schema',
  async (_case, change, count, type, array) => {
    const { app, grid, ring } = await startSubscription({ key: 'shared', token: () => 'token', ...change });
    const events = Array.from({ length: count }, (_, index) => ring(`event-${index}`));
    expect(await grid.deliver(events)).toMatchObject({ outcome: 'delivered', attempts: [{ status: 200 }] });
    const [{ headers, body } = { headers: {}, body: '' }] = app.received();
    const cloud = change.schema === 'cloud-events';
    expect(headers).toMatchObject({
      'content-type': `${type}; charset=utf-8`,
      authorization: 'Bearer token',
      'x-ringward-key': 'shared',
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'INCOMING-CALL',
      'aeg-delivery-count': '0',
      'aeg-metadata-version': cloud ? '1.0' : '1',
      ...(!cloud && { 'aeg-data-version': '1.0' }),
    });
    const names = cloud
      ? { source: TOPIC, type: 'Microsoft.Communication.IncomingCall', specversion: '1.0' }
      : { topic: TOPIC, eventType: 'Microsoft.Communication.IncomingCall', dataVersion: '1.0' };
    const parsed = JSON.parse(body);
    expect(Array.isArray(parsed)).toBe(array);
    expect([parsed].flat()).toMatchObject(events.map(({ id }) => ({ id, ...names })));
  },
);

test.each([200, 201, 202, 203, 204])('status %i is a delivery', async (status) => {
  const { app, grid, ring } = await startSubscription();
  app.answer(() => ({ status }));
  expect(await grid.deliver([ring('one')])).toMatchObject({ outcome: 'delivered', attempts: [{ status }] });
});

test.each([400, 401, 403, 413])('status %i is final', async (status) => {
  const { app, grid, ring } = await startSubscription();
  app.answer(() => ({ status }));
  expect(await grid.deliver([ring('one')])).toMatchObject({ outcome: 'not-retried', attempts: [{ status }] });
});

test.each([
  [205, 10],
  [302, 10],
  [404, 10],
  [408, 120],
  [429, 10],
  [500, 10],
  [503, 30],
  [504, 10],
])('after status %i the event comes again, with its count, not before %i seconds', async (first, seconds) => {
  const { app, clock, grid, ring, waitsAfter } = await startSubscription();
  app.answer(({ headers }) => ({ status: headers['aeg-delivery-count'] === '0' ? first : 200 }));
  const delivery = grid.deliver([ring('one')]);
  await waitsAfter(1);
  await clock.advance(seconds * 1000 - 1);
  expect([await isUnsettled(delivery), app.received().length]).toEqual([true, 1]);
  await clock.advance(1);
  expect((await delivery).attempts.map(({ status }) => status)).toEqual([first, 200]);
  expect(new Set(app.received().map(({ body }) => body)).size).toBe(1);
});

test.each<[string, Partial<SubscriptionOptions>, string, number[]]>([
  ['its attempts', { maxDeliveryAttempts: 2 }, 'attempts-exhausted', [10]],
  ['its time', { timeToLiveSeconds: 60 }, 'time-to-live-over', [10, 30, 60]],
])('an event that is never taken ends with %s', async (_limit, change, outcome, pauses) => {
  const { app, clock, grid, ring, waitsAfter } = await startSubscription(change);
  app.answer(() => ({ status: 500 }));
  const delivery = grid.deliver([ring('one')]);
  for (const [index, seconds] of pauses.entries()) {
    await waitsAfter(index + 1);
    await clock.advance(seconds * 1000);
  }
  expect((await delivery).outcome).toBe(outcome);
  const counts = app.received().map(({ headers }) => headers['aeg-delivery-count']);
  expect(counts).toEqual(['0', '1', '2'].slice(0, counts.length));
});

test('an app that is away, or that takes more than thirty seconds, has not answered', async () => {
  const { app, clock, grid, ring, waitsAfter } = await startSubscription({ maxDeliveryAttempts: 2 });
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  app.answer(() => {
    resolve();
    return new Promise(() => {});
  });
  const delivery = grid.deliver([ring('one')]);
  await arrived;
  await clock.advance(30_000);
  await app.close();
  await waitsAfter(1);
  await clock.advance(10_000);
  expect((await delivery).attempts.map(({ status }) => status)).toEqual([0, 0]);
});
