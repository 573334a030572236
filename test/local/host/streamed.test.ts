import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, type HostProcess, startHost } from './child.ts';
import type { Echo } from './fixtures/sample.ts';
import { exchange, open, rawRequest } from './wire.ts';

let host: HostProcess;
beforeAll(async () => {
  host = await startHost(['--app', fixture('sample.ts'), '--grace', '0.2'], {
    SAMPLE_STREAMS: '1',
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '64',
  });
});
afterAll(() => host.stop());

const get = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await fetch(host.url + path, init)).json();
const echo = async (path: string, init?: RequestInit) => (await get(path, init)) as Echo;
const chunked = ['Transfer-Encoding: chunked'];

describe('a streamed request', () => {
  it('has URL, headers, parameters and body of the original', async () => {
    const seen = await echo('/api/echo/a%20b?key=%7e%2B&x', {
      method: 'POST',
      body: 'whole',
      headers: { 'X-Own': 'zo\u00c3\u00ab', 'X-Forwarded-For': '6.6.6.6' },
    });
    expect(seen).toMatchObject({
      url: `${host.url}/api/echo/a%20b?key=%7e%2B&x`,
      method: 'POST',
      query: [
        ['key', '~+'],
        ['x', ''],
      ],
      body: 'whole',
      headers: {
        host: new URL(host.url).host,
        'x-own': 'zo\u00eb',
        'x-forwarded-for': expect.stringMatching(/^6\.6\.6\.6, 127\.0\.0\.1:\d+$/),
      },
    });
    expect(seen.params).toEqual({ kind: 'a b', key: '~+', x: '' });
    expect(seen.headers).not.toHaveProperty('x-ms-invocation-id');
  });

  it('has a chunked body too', async () => {
    const { text } = await exchange(
      host.url,
      rawRequest('POST /api/echo', chunked, '5\r\nwhole\r\n0\r\n\r\n'),
    );
    expect(text).toContain('"body":"whole"');
  });

  it('has parameters from the fields of a body that declares its length', async () => {
    const body = JSON.stringify({ n: 1, yes: true, list: [], none: null, kind: 'body' });
    const seen = await echo('/api/echo?n=2&code=secret', { method: 'POST', body });
    expect(seen.params).toEqual({ n: '2', yes: 'True', kind: 'body' });
    expect((await echo('/api/echo/route', { method: 'POST', body })).params.kind).toBe('route');
  });

  it('lets a parameter named Headers replace all headers, as the real host does', async () => {
    const forged = encodeURIComponent(JSON.stringify({ 'x-forwarded-for': '52.112.0.1:443' }));
    expect((await echo(`/api/echo?Headers=${forged}`)).headers).toEqual({
      'x-forwarded-for': '52.112.0.1:443',
    });
  });

  it('streams both ways: the answer begins before the request has ended', async () => {
    const socket = await open(host.url, rawRequest('POST /api/pass', chunked, '4\r\nping\r\n'));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    while (!answer.includes('ping')) await once(socket, 'data');
    socket.write('4\r\npong\r\n0\r\n\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 200 [^]*ping[^]*pong/);
  });

  it.each([
    ['declares', ['Content-Length: 65'], 'x'.repeat(65)],
    ['turns out', chunked, `41\r\n${'x'.repeat(65)}\r\n0\r\n\r\n`],
  ])('is a 413 when its body %s to be over the limit', async (_, headers, body) => {
    expect((await exchange(host.url, rawRequest('POST /api/echo', headers, body))).status).toBe(413);
  });

  it('is a 404 for a wrong method', async () => {
    expect((await fetch(`${host.url}/api/echo`, { method: 'DELETE' })).status).toBe(404);
  });

  it('has an invocation id of the host, whatever the caller sends', async () => {
    const answer = await fetch(`${host.url}/api/logs`, { headers: { 'x-ms-invocation-id': 'mine' } });
    expect(answer.headers.get('x-ms-invocation-id')).toBe(await answer.text());
  });
});

it('outlives callers who leave in the middle of a body or an answer', async () => {
  const unanswered = await open(host.url, rawRequest('POST /api/swallow', chunked, '4\r\nping\r\n'));
  await host.log('swallowing');
  unanswered.resetAndDestroy();
  await host.log('cut off');
  const sending = await open(host.url, rawRequest('POST /api/pass', chunked, '4\r\nping\r\n'));
  await once(sending, 'data');
  host.logs.length = 0;
  sending.resetAndDestroy();
  await host.log('passed on');
  const reading = await open(host.url, rawRequest('GET /api/pour'));
  await once(reading, 'data');
  reading.resetAndDestroy();
  await host.log('poured out');
  expect((await fetch(`${host.url}/api/order`)).status).toBe(200);
});

it('opens nothing beyond loopback, the server of the library included', async () => {
  expect(await get('/api/listening')).toEqual(['127.0.0.1', '127.0.0.1']);
});

it('leaves a caller waiting when the handler throws, as the real host does, and still closes', async () => {
  const waiting = await open(host.url, rawRequest('POST /api/throws'));
  let answer = '';
  waiting.on('data', (chunk) => (answer += chunk));
  expect((await host.log(/handler broke/)).function).toBe('throws');
  expect(await host.stop()).toBe(0);
  expect(answer).toBe('');
});
