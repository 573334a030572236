import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, type HostProcess, startHost } from './child.ts';
import type { Echo } from './fixtures/sample.ts';
import { exchange, open, rawRequest } from './wire.ts';

let host: HostProcess;
beforeAll(async () => {
  host = await startHost(['--app', fixture('sample.ts')], { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '64' });
});
afterAll(() => host.stop());

const body = (text: string): Echo => JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
const get = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await fetch(host.url + path, init)).json();
const echo = async (path: string, init?: RequestInit) => (await get(path, init)) as Echo;

describe('what a function is handed', () => {
  it('has repeated headers joined by commas, under lower-case names', async () => {
    const { text } = await exchange(
      host.url,
      rawRequest('GET /api/echo', ['X-Twice: a', 'x-twice: b', 'Authorization: one', 'Authorization: two']),
    );
    expect(body(text).headers).toMatchObject({ 'x-twice': 'a,b', authorization: 'one,two' });
  });

  it('has header values read as UTF-8', async () => {
    const { text } = await exchange(host.url, rawRequest('GET /api/echo', ['X-Name: Zo\xc3\xab']));
    expect(body(text).headers['x-name']).toBe('Zo\u00eb');
  });

  it('has a header value beyond U+00FF byte by byte, since the library throws on such characters', async () => {
    const { text } = await exchange(host.url, rawRequest('GET /api/echo', ['X: \xe3\x83\xa9']));
    expect(body(text).headers.x).toBe('\u00e3\u0083\u00a9');
  });

  it('has the control characters of a header value', async () => {
    const { text } = await exchange(host.url, rawRequest('GET /api/echo', ['X: a\x01\x7fb']));
    expect(body(text).headers.x).toBe('a\x01\x7fb');
  });

  it('has no empty values among the joined ones', async () => {
    const { text } = await exchange(
      host.url,
      rawRequest('GET /api/echo?a=&A=1', ['Authorization:', 'Authorization: Bearer x', 'X:', 'X:']),
    );
    expect(body(text)).toMatchObject({ headers: { authorization: 'Bearer x', x: '' }, query: [['A', '1']] });
  });

  it('has repeated query parameters joined by commas, whatever their case', async () => {
    expect((await echo('/api/echo?a=1&b&A=2&a=%2C+x&=e')).query).toEqual([
      ['a', '1,2,, x'],
      ['b', ''],
      ['', 'e'],
    ]);
  });

  it('has the query string exactly as sent, behind scheme, host and path', async () => {
    const { text } = await exchange(
      host.url,
      rawRequest('GET /api/Echo/a%20b%2Fc%C3%A9?key=v1.%7e%2B%2b+&x=%zz', ['X: y']),
    );
    expect(body(text).url).toBe('http://localhost/api/Echo/a%20b%2Fc%C3%A9?key=v1.%7e%2B%2b+&x=%zz');
    expect(body(text).params).toEqual({ kind: 'a b%2Fc\u00e9' });
  });

  it('has the client at the right of X-Forwarded-For, behind what it claimed itself', async () => {
    const headers = { 'X-Forwarded-For': '6.6.6.6' };
    expect((await echo('/api/echo', { headers })).headers['x-forwarded-for']).toMatch(
      /^6\.6\.6\.6, 127\.0\.0\.1:\d+$/,
    );
    expect((await echo('/api/echo')).headers['x-forwarded-for']).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('has a body that declares its length, and no chunked one', async () => {
    expect((await echo('/api/echo', { method: 'POST', body: 'whole' })).body).toBe('whole');
    const { text } = await exchange(
      host.url,
      rawRequest('POST /api/echo', ['Transfer-Encoding: chunked'], '5\r\nwhole\r\n0\r\n\r\n'),
    );
    expect(body(text).body).toBe('');
  });
});

describe('what a caller gets', () => {
  it.each([
    ['a wrong method', 'DELETE /api/echo', 404],
    ['an unknown path', 'GET /api/echoes', 404],
    ['a path without the prefix', 'GET /echo', 404],
    ['one segment too many', 'GET /api/echo/a/b', 404],
    ['another case and a trailing slash', 'GET /API/ORDER/', 200],
    ['an encoded path', 'GET /api/%6frder', 200],
    ['a letter beyond ASCII that folds to one in ASCII', 'GET /api/%E2%84%AAind', 404],
    ['two slashes in front', 'GET //api/order', 404],
    ['encoded dot segments', 'GET /api/echo/%2e%2E/order', 200],
    ['the whole URL as the target', 'GET http://localhost/api/order', 200],
    ['the whole URL of another host', 'GET http://elsewhere/api/order', 400],
    ['a NUL in the path', 'GET /api/%00', 400],
    ['a byte beyond ASCII in the target', 'GET /api/echo?\xff', 400],
    ['an asterisk', 'OPTIONS *', 400],
    ['a handler that throws', 'POST /api/throws', 500],
    ['a result that is no answer', 'POST /api/text', 500],
    ['an answer that breaks off', 'GET /api/breaks', 500],
    ['no result at all', 'POST /api/nothing', 204],
    ['a hook that replaced the error', 'POST /api/rescued', 202],
    ['a function registered after the start', 'POST /api/late', 500],
  ])('for %s (%s) is a %i', async (_, line, status) => {
    expect((await exchange(host.url, rawRequest(line))).status).toBe(status);
  });

  it.each([
    ['no Host header', 'GET /api/order HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Host headers', rawRequest('GET /api/order', ['Host: other'])],
    ['a Host that is none', 'GET /api/order HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n'],
    ['a header that is no UTF-8', rawRequest('GET /api/order', ['X-Name: \xff'])],
    ['a header with a NUL', rawRequest('GET /api/order', ['X-Name: \0'])],
    ['a space before a colon', rawRequest('GET /api/order', ['X-Name : a'])],
    ['a POST of HTTP/1.0 without a length', 'POST /api/echo HTTP/1.0\r\nHost: localhost\r\n\r\n'],
    ['no HTTP', 'what is this\r\n\r\n'],
  ])('for %s is a 400', async (_, text) => {
    expect((await exchange(host.url, text)).status).toBe(400);
  });

  it('has an empty body when the handler throws, and the error is in the log', async () => {
    const answer = await fetch(`${host.url}/api/throws`, { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(await host.log(/handler broke/)).toMatchObject({
      level: 'error',
      category: 'system',
      function: 'throws',
      invocation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each([
    ['at once', []],
    ['instead of "100 Continue"', ['Expect: 100-continue']],
  ])('is a 500 for a declared length over the limit, %s and before the body', async (_, headers) => {
    const socket = await open(
      host.url,
      ['POST /api/echo HTTP/1.1', 'Host: localhost', ...headers, 'Content-Length: 65', '', ''].join('\r\n'),
    );
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 500']);
    expect(await host.log(/Request body too large\. The max request body size is 64 bytes/)).toMatchObject({
      level: 'error',
      category: 'system',
    });
  });

  it('is a 404 for a length over the limit where there is no function', async () => {
    const text =
      'POST /api/nope HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 65\r\n\r\n';
    expect((await exchange(host.url, text)).status).toBe(404);
  });

  it('is "100 Continue" and an answer for a sender that waits for it', async () => {
    const socket = await open(
      host.url,
      rawRequest('POST /api/echo', ['Expect: 100-continue', 'Content-Length: 2']),
    );
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('ok');
    expect(body(String((await once(socket, 'data'))[0])).body).toBe('ok');
  });

  it('is nothing for a body that is cut off, and the exception is in the log', async () => {
    const socket = await open(host.url, rawRequest('POST /api/echo', ['Content-Length: 9'], 'half'));
    socket.end();
    expect(await socket.toArray()).toEqual([]);
    expect((await host.log(/Unexpected end of request content/)).level).toBe('error');
  });

  it('comes after a caller has closed its own side', async () => {
    const socket = await open(host.url, 'GET /api/echo HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.end();
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1\.1 200/);
  });

  it('is a 500 for a header name that HTTP does not allow, and the exception is in the log', async () => {
    expect((await exchange(host.url, rawRequest('GET /api/order', ['X(A: a']))).status).toBe(500);
    expect((await host.log(/A header name is not one that HTTP allows/)).level).toBe('error');
  });

  it('comes before the answer to a request that is none, on the same connection', async () => {
    const { text } = await exchange(
      host.url,
      'GET /api/order HTTP/1.1\r\nHost: localhost\r\n\r\nwhat?\r\n\r\n',
    );
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  const headers = (count: number, bytes = 1) =>
    Array.from({ length: count }, (_, at) => `X-${at}: ${'x'.repeat(bytes)}`);
  it.each<[string, string, readonly string[], number]>([
    ['100 headers', 'GET /api/order', headers(98), 200],
    ['101 headers', 'GET /api/order', headers(99), 431],
    ['32 KB of headers', 'GET /api/order', headers(32, 1_000), 200],
    ['more than 32 KB of headers', 'GET /api/order', headers(33, 1_000), 431],
    ['more headers than Node reads', 'GET /api/order', headers(70, 1_000), 431],
    ['8 KB of request line', `GET /api/order?${'x'.repeat(8_160)}`, [], 200],
    ['more than 8 KB of request line', `GET /api/order?${'x'.repeat(8_180)}`, [], 414],
  ])('for %s is as on Azure', async (_, line, headers, status) => {
    expect((await exchange(host.url, rawRequest(line, headers))).status).toBe(status);
  });

  it.each([
    ['/', 200, /up and running/],
    ['/admin/host/ping', 200, /cache-control: no-store/],
    ['/admin/host/status', 401, /www-authenticate: Bearer/],
    ['/ADMIN/functions/echo', 401, /www-authenticate: Bearer/],
    ['/runtime/webhooks/x', 401, /www-authenticate: Bearer/],
    ['/administration', 404, /content-length: 0/],
  ])('for %s is the own one of the host', async (path, status, content) => {
    const answer = await exchange(host.url, rawRequest(`GET ${path}`));
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(content);
  });

  it('has status, headers and cookies as the handler gave them, but its own framing', async () => {
    const answer = await fetch(`${host.url}/api/cookie`);
    expect([answer.status, await answer.text()]).toEqual([201, 'longer than five']);
    expect(answer.headers.get('x-own')).toBe('yes');
    expect(answer.headers.getSetCookie()).toEqual([
      'a=b%20c; max-age=5; path=/; secure; samesite=none; httponly',
    ]);
  });

  it('has no body for HEAD', async () => {
    const answer = await fetch(`${host.url}/api/echo`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
  });
});

it('runs the hooks in the order of the worker', async () => {
  const order = (await get('/api/order')) as string[];
  expect(order[0]).toBe('appStart');
  const again = (await get('/api/order')) as string[];
  // The answer is made of the result last of all, so it shows what its own hooks did.
  expect(again.slice(order.length)).toEqual(['pre', 'post order']);
});

it("hands on an invocation's log, as the log hooks leave it", async () => {
  const invocation = await (await fetch(`${host.url}/api/logs`)).text();
  await host.log('changed');
  const own = host.logs.filter((entry) => entry.invocation === invocation);
  expect(own).toEqual(
    [
      ['debug', 'fine print'],
      ['information', 'an ordinary entry'],
      ['warning', 'a warning'],
      ['information', 'changed'],
    ].map(([level, message]) => ({
      type: 'log',
      category: 'user',
      function: 'logs',
      invocation,
      level,
      message,
    })),
  );
});

it('gives each answer an invocation id of its own, whatever the caller sends', async () => {
  const answer = await fetch(`${host.url}/api/logs`, { headers: { 'x-ms-invocation-id': 'mine' } });
  expect(answer.headers.get('x-ms-invocation-id')).toBe(await answer.text());
});

it('opens nothing beyond loopback', async () => {
  expect(await get('/api/listening')).toEqual(['127.0.0.1']);
});

it('says which functions nothing calls', async () => {
  expect((await host.log(/"clock" has no HTTP trigger/)).level).toBe('warning');
});

it('outlives callers who leave at any time', async () => {
  for (const text of [
    'GET /api/or',
    'POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf',
    'GET /api/pour HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ]) {
    (await open(host.url, text)).resetAndDestroy();
  }
  await host.log('poured out');
  expect((await fetch(`${host.url}/api/order`)).status).toBe(200);
});
