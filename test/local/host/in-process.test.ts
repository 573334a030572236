import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { fixture } from './child.ts';
import { exchange, open, rawRequest } from './wire.ts';

it('answers 500 and closes the connection when a body stalls', async () => {
  const child = fork(fixture('in-process.ts'), { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [{ url }] = await once(child, 'message');
  const stalled = await open(url, 'POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
  expect(Buffer.concat(await stalled.toArray()).toString()).toMatch(/^HTTP\/1\.1 500/);
});

it('serves one app a process, answers before a body has come, and leaves nothing open', async () => {
  const child = fork(fixture('in-process.ts'), { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [{ url, second }] = await once(child, 'message');
  expect(second).toMatch(/one process serves one app/);
  expect((await exchange(url, rawRequest('GET /api/order'))).status).toBe(200);
  const early = await open(
    url,
    'POST /api/rescued HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const answered = once(early, 'data'); // before anything of the body has been sent
  expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 202/);
  early.write(`100000\r\n${'x'.repeat(0x100000)}\r\n0\r\n\r\n${rawRequest('GET /api/order')}`);
  expect(String(await once(early, 'data'))).toMatch(/^HTTP\/1\.1 200/);
  const unfinished = await open(url, 'GET /api/ord');
  unfinished.on('error', () => {}); // it is going to be reset
  child.send('close');
  expect((await once(child, 'exit'))[0]).toBe(0);
  unfinished.destroy();
});
