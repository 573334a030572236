import { once } from 'node:events';
import { expect, it } from 'vitest';
import { fixture, startHost } from './child.ts';
import { exchange, open, rawRequest } from './wire.ts';

const connects = (url: string) =>
  open(url).then(
    (socket) => socket.resetAndDestroy(),
    () => undefined,
  );
const start = (...args: string[]) => startHost(['--app', fixture('sample.ts'), ...args]);

it('lets a running invocation finish, takes no new connection, then says goodbye to the app', async () => {
  const host = await start();
  const idle = await open(host.url, 'GET /api/order HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'data');
  const waiting = exchange(host.url, rawRequest('GET /api/wait'));
  await host.log('waiting');
  const stopped = host.stop();
  const idleClosed = once(idle, 'close');
  // Connecting is all that tells when it has heard us.
  while (await connects(host.url));
  host.send({ type: 'release' });
  expect((await waiting).text).toContain('released');
  await idleClosed;
  expect(await stopped).toBe(0);
  expect(host.logs.at(-1)).toMatchObject({ message: 'terminated after the last invocation' });
});

it('sends an answer to its end, however slowly it is read', async () => {
  const host = await start();
  const slow = await open(host.url, rawRequest('GET /api/pour'));
  await host.log('poured out');
  const stopped = host.stop();
  let received = 0;
  for await (const chunk of slow) received += chunk.length;
  expect(received).toBeGreaterThan(64 * 262_144);
  expect(await stopped).toBe(0);
});

it('does not wait for ever for one that does not', async () => {
  const host = await start('--grace', '0.05');
  const waiting = exchange(host.url, rawRequest('GET /api/wait'));
  await host.log('waiting');
  expect(await host.stop()).toBe(0);
  expect((await waiting).text).toBe('');
});

it('stops when its parent goes away', async () => {
  const host = await start();
  host.disconnect();
  expect(await host.exited).toBe(0);
});

it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s', async (signal) => {
  const host = await start();
  host.kill(signal);
  expect(await host.exited).toBe(0);
});

it('ends with 1, and says why, when the app leaves a rejection unhandled', async () => {
  const host = await start();
  await exchange(host.url, rawRequest('POST /api/stray'));
  expect(await host.failed).toMatch(/^Error: nobody caught this\n +at /);
  expect(await host.exited).toBe(1);
});
