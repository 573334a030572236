import { expect, test } from 'vitest';
import { startPlay } from './setup.ts';

test.each([
  ['answered 5xx', [500, 503, 200], [500, 503, 200]],
  ['answered 5xx for ever', [503, 503, 503, 200], [503, 503, 503]],
  ['refused', [401, 200], [401]],
])('a delivery that is %s', async (_case, answers, attempts) => {
  const { app, service, answered } = await startPlay();
  const { id } = await answered();
  const left = [...answers];
  app.answer(() => ({ status: left.shift() ?? 200 }));
  const event = service.tell(id, 'PlayFailed', { failedPlaySourceIndex: 0 });
  await service.idle();
  const deliveries = service.deliveries().slice(2);
  expect(deliveries.map(({ status, attempt }) => [status, attempt])).toEqual(
    attempts.map((status, index) => [status, index + 1]),
  );
  expect(new Set(deliveries.map((delivery) => delivery.event.id))).toEqual(new Set([event.id]));
  const tokens = app
    .received()
    .slice(2)
    .map(({ headers }) => headers.authorization);
  expect(new Set(tokens).size).toBe(attempts.length);
});

test('an app that is away is a delivery without a status', async () => {
  const { app, service, answered } = await startPlay();
  const { id } = await answered();
  await app.close();
  service.tell(id, 'PlayCompleted');
  await service.idle();
  expect(
    service
      .deliveries()
      .slice(2)
      .map(({ status, reply }) => [status, reply]),
  ).toEqual(Array.from({ length: 3 }, () => [0, undefined]));
});

test('an event waits until the one before it is settled; another call does not', async () => {
  const { app, service, answered } = await startPlay();
  const [first, second] = [await answered(), await answered()];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: other, resolve: came } = Promise.withResolvers<void>();
  const seen: string[] = [];
  app.answer(async ({ body }) => {
    const [{ type, data }] = JSON.parse(body);
    seen.push(type.split('.').pop());
    if (data.callConnectionId === second.id) came();
    else if (type.endsWith('PlayStarted')) await gate;
    return { status: 200 };
  });
  service.tell(first.id, 'PlayStarted');
  service.tell(first.id, 'PlayCompleted');
  service.tell(second.id, 'PlayPaused');
  await other;
  expect(seen).not.toContain('PlayCompleted');
  open();
  await service.idle();
  expect(seen.at(-1)).toBe('PlayCompleted');
});

test('a listener gets each attempt, with the headers of its reply, until it has enough', async () => {
  const { app, service, answered } = await startPlay();
  const { id } = await answered();
  app.answer(() => ({ status: 200, headers: { 'x-ms-invocation-id': 'invocation' } }));
  const invocations: unknown[] = [];
  const stop = service.onDelivery(({ reply }) => invocations.push(reply?.headers['x-ms-invocation-id']));
  service.tell(id, 'PlayCompleted');
  await service.idle();
  stop();
  service.tell(id, 'PlayCompleted');
  await service.idle();
  expect(invocations).toEqual(['invocation']);
});

test('closing gives up what is pending', async () => {
  const { app, service, answered } = await startPlay();
  const { id } = await answered();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  app.answer(() => {
    resolve();
    return new Promise(() => {});
  });
  service.tell(id, 'PlayCompleted');
  await arrived;
  await service.close();
  await service.idle();
  expect(service.deliveries()).toHaveLength(2);
});
