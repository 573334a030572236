import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newCertificateAuthority } from '../../../local/fakes/certificates.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import { programs } from './programs.ts';
import type { Proxy } from './programs.ts';
import { sendTo } from './send.ts';
import type { Way } from './send.ts';
import { startWire, valuesOf } from './wire.ts';

// The shipped configurations in the real programs, and what goes over the wire behind them.
const CALLBACK = '/api/callbacks/call-automation';
const MiB = 1024 * 1024;

test.each(['nginx.conf', 'Caddyfile'])(
  '%s explains every variable that it takes, and no other',
  async (file) => {
    const text = await readFile(`infra/perimeter/${file}`, 'utf8');
    const taken = [...text.matchAll(/\{\$?(RINGWARD_\w+)\}/g)].map(([, name]) => name);
    const explained = [...text.matchAll(/^# {3}(RINGWARD_\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(explained.sort()).toEqual([...new Set(taken)].sort());
    expect(explained.length).toBeGreaterThan(3);
    const page = await readFile('docs/perimeter.md', 'utf8');
    expect(explained.filter((name) => !page.includes(`${name}=`))).toEqual([]);
  },
);

describe.each(programs)('$name', ({ start }) => {
  let wire: Awaited<ReturnType<typeof startWire>>;
  let proxy: Proxy;
  let ca: string;
  beforeAll(async () => {
    const authority = await newCertificateAuthority();
    ca = authority.certificate;
    wire = await startWire();
    proxy = await start({ app: wire.url, media: wire.url, tls: await authority.issue(['127.0.0.1']) });
  });
  afterAll(async () => {
    await proxy.stop();
    await wire.close();
  });

  const request = (path: string, change: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
    url: `https://calls.example${path}`,
    headers: [['authorization', 'Bearer a.b.c']],
    body: '[]',
    ...change,
  });
  const send = (one: OutgoingRequest, way: Partial<Way> = {}) => sendTo(proxy.url, one, { ca, ...way });
  async function passed(one: OutgoingRequest, way: Partial<Way> = {}) {
    const before = wire.passed().length;
    const { status } = await send(one, way);
    return { status, passed: wire.passed().slice(before) };
  }

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0])],
    ['JSON in UTF-8 with a mark', Buffer.from('\uFEFF[ "ä", "\u0000" ]\r\n')],
    ['bytes of any kind', randomBytes(100_000)],
    ['1 MiB', randomBytes(MiB)],
  ])('a body of %s arrives unchanged, byte for byte', async (_what, body) => {
    for (const chunked of [false, true]) {
      const [one] = (await passed(request(CALLBACK, { body }), { chunked })).passed;
      expect(one?.body.equals(body)).toBe(true);
    }
  });

  test('a body larger than 1 MiB is 413, whether it says so or not, and is never passed on whole', async () => {
    const body = randomBytes(MiB + 1);
    for (const chunked of [false, true]) {
      const answer = await passed(request(CALLBACK, { body }), { chunked });
      expect(answer).toEqual({ status: 413, passed: [] });
    }
  });

  test('the sub-request carries the headers as they came, the URI byte for byte, and no body', async () => {
    const query = '?key=v1.abc%2E.-_~&a=%41+b&&c=%2Fd%3f&e';
    const both = [
      ['authorization', 'Bearer a.b.c'],
      ['authentication', 'Bearer g.h.i'],
    ] as const;
    await send(request(CALLBACK + query, { headers: both, body: randomBytes(5000) }));
    const question = wire.questions().at(-1);
    expect(question).toMatchObject({
      method: 'GET',
      url: '/api/authorize?for=callback',
      body: Buffer.alloc(0),
    });
    expect(question && valuesOf(question, 'x-original-uri')).toEqual([CALLBACK + query]);
    expect(question && valuesOf(question, 'authorization')).toEqual(['Bearer a.b.c']);
    expect(question && valuesOf(question, 'authentication')).toEqual(['Bearer g.h.i']);
    const [one] = wire.passed().slice(-1);
    expect(one?.url).toBe(CALLBACK + query);
    expect(one && valuesOf(one, 'authorization')).toEqual(['Bearer a.b.c']);
  });

  test('an Authorization that comes twice is refused, or passed on and asked about as two', async () => {
    const values = ['Bearer a.b.c', 'Bearer d.e.f'];
    const headers = values.map((value) => ['authorization', value] as const);
    const questions = wire.questions().length;
    const answer = await passed(request(CALLBACK, { headers }));
    if (answer.status === 400) return expect(wire.questions()).toHaveLength(questions);
    for (const one of [...wire.questions().slice(questions), ...answer.passed]) {
      expect(valuesOf(one, 'authorization')).toEqual(values);
    }
    expect(wire.questions()).toHaveLength(questions + 1);
  });

  test('what a caller says about its URI or its address goes no further', async () => {
    const claims = [
      ['x-original-uri', '/api/callbacks/call-automation?key=of-another'],
      ['X-Original-Uri', '/twice'],
      ['x-forwarded-for', '52.112.0.1'],
    ] as const;
    await send(request(`${CALLBACK}?key=own`, { headers: claims }), { from: '127.0.0.2' });
    const question = wire.questions().at(-1);
    expect(question && valuesOf(question, 'x-original-uri')).toEqual([`${CALLBACK}?key=own`]);
    const [one] = wire.passed().slice(-1);
    expect(one && valuesOf(one, 'x-forwarded-for')).toEqual(['127.0.0.2']);
  });

  test.each([
    `/api/callbacks/vonage/../call-automation`,
    `/api/callbacks/vonage/%2e%2e/call-automation`,
    `/api/callbacks/vonage/..%2fcall-automation`,
    `/api/callbacks/vonage%2f../call-automation`,
    `/api/callbacks/vonage/archive/../../call-automation`,
    `/api/callbacks/%63all-automation`,
    `//api/callbacks/call-automation`,
    `/api//callbacks/call-automation/`,
    `/API/Callbacks/Call-Automation`,
    `/media/../api/callbacks/call-automation`,
    `/api/events/incoming-call/../../callbacks/call-automation`,
  ])('however a path is spelled, a callback is asked about before it is passed on: %s', async (path) => {
    const questions = wire.questions().length;
    for (const one of (await passed(request(`${path}?key=own`))).passed) {
      expect(one.url).toBe(`${CALLBACK}?key=own`);
      expect(wire.questions().slice(questions).at(-1)?.url).toBe('/api/authorize?for=callback');
    }
  });

  test.each(['/api/authorize?for=callback', '/api/health', '/', '/admin/host/status', '/authorize-callback'])(
    'nobody out there reaches %s',
    async (path) => {
      const questions = wire.questions().length;
      expect(await passed(request(path, { method: 'GET', body: '' }))).toEqual({ status: 404, passed: [] });
      expect(wire.questions()).toHaveLength(questions);
    },
  );

  test.each([
    '/api/events/incoming-call?key=a%2Fb',
    '/api/callbacks/vonage/session-monitoring',
    "/api/callbacks/another/kind?b='&a=%40%3A+%20",
    '/api/callbacks/another',
  ])('%s is passed on without a question, as it came', async (path) => {
    const questions = wire.questions().length;
    const answer = await passed(request(path));
    expect(answer.passed.map(({ url, method }) => [method, url])).toEqual([['POST', path]]);
    expect(wire.questions()).toHaveLength(questions);
  });

  test('the log holds no key and no token', async () => {
    await send(
      request(`${CALLBACK}?key=secret-of-the-uri`, { headers: [['authorization', 'Bearer secret']] }),
    );
    await proxy.stop();
    expect(await proxy.logged()).not.toMatch(/secret/);
  });
});
