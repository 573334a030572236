import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { expectedRoutes } from '../../../local/app-process.ts';
import { callbackForgeries } from '../../../local/providers/call-automation/forgeries/index.ts';
import { callback, genuineCall } from '../../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import { providers } from '../../../shared/providers/index.ts';
import type { DeliveryLogEntry } from '../../../shared/telemetry/delivery-log.ts';
import { stageWithTestHandlers, startAiling, startStaged } from '../../end-to-end/staged.ts';
import type { StagedApp } from '../../end-to-end/staged.ts';
import { programs } from './programs.ts';
import type { Proxy } from './programs.ts';
import { sendTo } from './send.ts';
import type { Way } from './send.ts';

const forgeries = Object.values(callbackForgeries).flat();

// The shipped configurations in the real programs, before the staged app.
const SENDER = '127.0.0.2';
let staged: string;

beforeAll(async () => {
  staged = await stageWithTestHandlers();
});

test.each(['nginx.conf', 'Caddyfile'])('%s has a way to every route that a sender calls', async (file) => {
  const text = await readFile(`infra/perimeter/${file}`, 'utf8');
  const everything = Object.fromEntries(
    providers.flatMap((one) => one.enabledBy).map((name) => [name, 'set']),
  );
  const paths = expectedRoutes(everything).map((route) =>
    route.replace(/^\S+ /, '').replace('{kind}', 'kind'),
  );
  const patterns = [...text.matchAll(/\^\/api\/\S+\$/g)].map(([pattern]) => new RegExp(pattern));
  const hasWay = (path: string) => text.includes(path) || patterns.some((pattern) => pattern.test(path));
  expect(paths.filter((path) => !hasWay(path))).toEqual([]);
  expect(paths.length).toBeGreaterThan(3);
});

describe.each(programs)('$name', ({ start }) => {
  let app: StagedApp;
  let proxy: Proxy;
  let media: WebSocketServer;
  let ca: string;
  const opened: string[] = [];

  beforeAll(async () => {
    app = await startStaged(staged, {
      TRUSTED_PROXY_HOPS: '2',
      SOURCE_ADDRESSES: 'enforce',
      SOURCE_ADDRESS_RANGES: `${SENDER}/32`,
    });
    media = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    media.on('connection', (socket, { url = '' }) => {
      opened.push(url);
      socket.on('message', (frame, binary) => socket.send(frame, { binary }));
    });
    await once(media, 'listening');
    proxy = await startBefore(app.url);
  });
  afterAll(async () => {
    await proxy.stop();
    await app.stop();
    media.close();
  });

  const mediaUrl = () => `http://127.0.0.1:${(media.address() as { port: number }).port}`;
  async function startBefore(url: string): Promise<Proxy> {
    const { authority } = app.azure;
    ca = authority.certificate;
    return start({ app: url, media: mediaUrl(), tls: await authority.issue(['127.0.0.1']) });
  }
  const send = (request: OutgoingRequest, way: Partial<Way> = {}) =>
    sendTo(proxy.url, request, { ca, from: SENDER, ...way });
  const callbackOf = async (event = newCall().event('CallConnected')) =>
    callback(app.acs, await app.callbackUri(), [event]);
  const event = () => newCall().event('CallConnected');
  const handlings = ({ id }: { id: string }) =>
    app.logged.filter(({ message }) => message.startsWith(`started ${id} `)).length;

  /** The lines of what reached the callback route. */
  const arrived = (): DeliveryLogEntry[] =>
    app.logged
      .filter(({ message }) => message.startsWith('{"delivery":"call-automation"'))
      .map(({ message }) => JSON.parse(message));

  test('a genuine event is handled, once, and is delivered again as before', async () => {
    const one = event();
    const request = await callbackOf(one);
    expect(await send(request)).toMatchObject({ status: 200, body: '' });
    expect(await send(request)).toMatchObject({ status: 200 });
    expect(handlings(one)).toBe(1);
  });

  // Those that differ in what is seen of a request before its body.
  const visible = forgeries.filter(
    ({ afterGenuine, expected, alternatively }) => !afterGenuine && !alternatively && expected.status === 401,
  );

  test(`none of ${visible.length} forgeries reaches the app, and all are refused alike`, async () => {
    const before = arrived().length;
    for (const { name, forge } of visible) {
      const forged = forge(genuineCall(app, await callbackOf()));
      const { status, body, headers } = await send(forged);
      // A repeated or overlong header is no HTTP request to some proxies.
      if (status === 400) continue;
      expect([name, status, body]).toEqual([name, 401, '{"error":"unauthorized"}']);
      expect([name, headers['www-authenticate']]).toEqual([name, 'Bearer']);
      expect(headers['content-type']).toBe('application/json');
    }
    const last = await callbackOf();
    expect(await send(last)).toMatchObject({ status: 200 });
    // The genuine one is logged behind whatever came before it.
    await expect.poll(() => arrived().length).toBeGreaterThan(before);
    expect(arrived()).toHaveLength(before + 1);
  });

  test('behind the proxy the app checks for itself: where a request comes from', async () => {
    const stranger = { from: '127.0.0.3' };
    const request = await callbackOf();
    const spoofed = { ...request, headers: [...request.headers, ['x-forwarded-for', SENDER] as const] };
    for (const one of [request, spoofed]) {
      expect(await send(one, stranger)).toMatchObject({ status: 403, body: '{"error":"forbidden"}' });
    }
    expect(await send(spoofed)).toMatchObject({ status: 200 });
  });

  test('behind the proxy the app checks for itself: one token, one body', async () => {
    const request = await callbackOf();
    expect(await send(request)).toMatchObject({ status: 200 });
    const another = { ...request, body: JSON.stringify([event()]) };
    expect(await send(another)).toMatchObject({ status: 401, body: '{"error":"unauthorized"}' });
  });

  test('a URI of the caller’s own telling does not stand in for the one that is used', async () => {
    const request = await callbackOf();
    const { search } = new URL(request.url);
    const told = ['x-original-uri', `/api/callbacks/call-automation${search}`] as const;
    const keyless = { ...request, url: request.url.split('?')[0] ?? '', headers: [...request.headers, told] };
    const before = arrived().length;
    expect(await send(keyless)).toMatchObject({ status: 401 });
    expect(await send({ ...keyless, url: request.url })).toMatchObject({ status: 200 });
    expect(arrived()).toHaveLength(before + 1);
  });

  test('the app’s own answers come back as they are: 400, 415, 500 and 503', async () => {
    const answers = [
      { ...(await callbackOf()), body: '{' },
      {
        ...(await callbackOf()),
        headers: [...(await callbackOf()).headers.slice(0, 1), ['content-type', 'text/plain'] as const],
      },
      await callbackOf(newCall().event('CallConnected', { operationContext: 'throw' })),
    ];
    const statuses = [];
    for (const one of answers) statuses.push((await send(one)).status);
    expect(statuses).toEqual([400, 415, 500]);
  });

  test('a socket is opened with a ticket and a token, and carries frames both ways', async () => {
    const socket = new WebSocket(`${proxy.url}/media?ticket=${await ticket()}`, {
      ca,
      headers: { authorization: `Bearer ${app.acs.token()}` },
    });
    await once(socket, 'open');
    socket.send('{"kind":"AudioData"}');
    const [frame] = await once(socket, 'message');
    expect(String(frame)).toBe('{"kind":"AudioData"}');
    socket.close();
    expect(opened.at(-1)).toMatch(/^\/media\?ticket=v1\./);
  });

  test.each(['without a token', 'with a callback key'])(
    'a socket %s never reaches the media host',
    async (how) => {
      const before = opened.length;
      const key = how === 'with a callback key' ? await ticket('callback') : await ticket();
      const headers = how === 'without a token' ? {} : { authorization: `Bearer ${app.acs.token()}` };
      const socket = new WebSocket(`${proxy.url}/media?ticket=${key}`, { ca, headers });
      const [, response] = await once(socket, 'unexpected-response');
      expect(response.statusCode).toBe(401);
      expect(opened).toHaveLength(before);
      socket.on('error', () => {}).terminate();
    },
  );

  async function ticket(purpose: 'media' | 'callback' = 'media'): Promise<string> {
    return genuineCall(app, await callbackOf()).mintKey({ purpose });
  }

  test('an outage of the keys is 503 for the sender, and a forged request is 401 all the same', async () => {
    const cold = await startAiling(staged, { ACS_OPENID_CONFIGURATION_URL: 'https://127.0.0.1:9/none' });
    const before = await startBefore(cold.url);
    try {
      const request = callback(cold.acs, await cold.callbackUri(), [event()]);
      expect(await sendTo(before.url, request, { ca })).toMatchObject({
        status: 503,
        body: '{"error":"unavailable"}',
        headers: { 'retry-after': '5', 'content-type': 'application/json' },
      });
      expect(await sendTo(before.url, { ...request, headers: [] }, { ca })).toMatchObject({ status: 401 });
    } finally {
      await before.stop();
      await cold.stop();
    }
  });

  test('an app that is not there is 503 for the sender', async () => {
    const before = await startBefore('http://127.0.0.1:9');
    try {
      expect(await sendTo(before.url, await callbackOf(), { ca })).toMatchObject({
        status: 503,
        body: '{"error":"unavailable"}',
        headers: { 'retry-after': '5' },
      });
    } finally {
      await before.stop();
    }
    // A fault is told with the request that it befell.
    expect(await before.logged()).not.toMatch(/v1\.|eyJ/);
  });

  test('the log holds no key and no token', async () => {
    const request = await callbackOf();
    await send(request);
    const secrets = [new URL(request.url).search.slice(5), request.headers[0]?.[1].slice(7) ?? ''];
    await proxy.stop();
    const log = await proxy.logged();
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
    expect(log).not.toMatch(/v1\.|eyJ/);
  });
});
