import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listening } from '../../../local/fakes/listening.ts';
import { answerInspector, inspectorPath } from '../../../local/inspector/routes.ts';
import type { Inspector } from '../../../local/inspector/routes.ts';
import { CallerError } from '../../../local/providers/call-automation/service/recognition.ts';
import type { SendResult } from '../../../local/inspector/contract.ts';
import type { Target } from '../../../local/target.ts';

// What a stranger gets who reaches the port of `npm start` as this machine itself: through a tunnel that rewrites Host and
// Origin, and adds no header.
const TOKEN = 'abcdefghijklmnopqrstuv';
let port: number;
let close: () => Promise<void>;
let targets: string[] = [];
let acts: unknown[] = [];
let gate: Promise<unknown> = Promise.resolve();

const result: SendResult = { sent: 'CallConnected', status: 200, milliseconds: 1 };
const inspector = {
  port: () => port,
  token: TOKEN,
  sendTo: ['https://allowed.example'],
  files: new Map([['/', { type: 'text/html', content: 'the page' }]]),
  state: () => ({ baseUrl: 'here' }),
  target: { baseUrl: 'http://127.0.0.1:7071' } as Target,
  callers: {
    async act(line: string, by: string, call?: string) {
      if (line === 'dance') throw new CallerError('The caller can do this: call.');
      acts.push([line, by, call]);
      return { names: {}, state: 'asked', says: 'the app asked for digits, 5 s' };
    },
  },
  send:
    (_name: string, { baseUrl, mediaUrl }: Target) =>
    async () => {
      targets.push(baseUrl, mediaUrl);
      await gate;
      return result;
    },
} as unknown as Inspector;

beforeAll(async () => {
  const server = createServer((request, response) => void answerInspector(inspector, request, response));
  const { port: taken, down } = await listening(server);
  port = taken;
  close = down;
});
afterAll(() => close());
beforeEach(() => {
  targets = [];
  acts = [];
});

const ask = async (path: string, order?: object) => {
  const origin = `http://127.0.0.1:${port}`;
  const headers = { origin, 'content-type': 'application/json' };
  const init = order ? { method: 'POST', headers, body: JSON.stringify(order) } : {};
  const answer = await fetch(`${origin}${path}`, init);
  return { status: answer.status, text: await answer.text() };
};
const caller = (order: object) => ask(`${inspectorPath(TOKEN)}caller`, order);
const send = (order: object) => ask(`${inspectorPath(TOKEN)}send`, { event: 'CallConnected', ...order });

describe('the token', () => {
  test('opens the page and its API', async () => {
    expect(await ask(inspectorPath(TOKEN))).toEqual({ status: 200, text: 'the page' });
    expect(await ask(`${inspectorPath(TOKEN)}state`)).toMatchObject({ status: 200 });
    expect(await send({})).toMatchObject({ status: 200 });
    expect(await caller({ act: 'press 1', by: 'page' })).toMatchObject({ status: 200 });
  });

  test.each([
    '/',
    '/inspector',
    '/inspector/',
    '/inspector/state',
    '/inspector/page/main.ts',
    `/inspector/${TOKEN}`,
    `/inspector/${TOKEN.slice(1)}/state`,
    `/inspector/${TOKEN.slice(0, -1)}x/state`,
    `/inspector/${TOKEN.toUpperCase()}/state`,
    `/inspector/${'é'.repeat(22)}/state`,
    `/inspector//state?${TOKEN}`,
    `/${TOKEN}/state`,
  ])('without it nothing is answered: %s', async (path) => {
    const said = '{"error":"Open the address that npm start printed."}';
    expect(await ask(path)).toEqual({ status: 403, text: said });
    expect(await ask(path, { event: 'CallConnected' })).toEqual({ status: 403, text: said });
    expect(await ask(path.replace('state', 'caller'), { act: 'press 1' })).toEqual({
      status: 403,
      text: said,
    });
    expect([targets, acts]).toEqual([[], []]);
  });
});

describe('the caller', () => {
  test('does what is said, in the call that is named, and says what it notices', async () => {
    const { status, text } = await caller({ act: 'press 1', by: 'page', call: 'server-1' });
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { names: {}, state: 'asked', says: 'the app asked for digits, 5 s' },
    ]);
    await caller({ act: 'silent', by: 'send' });
    expect(acts).toEqual([
      ['press 1', 'page', 'server-1'],
      ['silent', 'send', undefined],
    ]);
  });

  test('says why it cannot do that', async () => {
    expect(await caller({ act: 'dance', by: 'page' })).toEqual({
      status: 409,
      text: '{"error":"The caller can do this: call."}',
    });
  });

  test.each([
    { act: undefined },
    { act: 1 },
    { act: ['press 1'] },
    { act: 'silent', call: 1 },
    { act: 'x'.repeat(1001) },
    { by: undefined },
    { by: 'terminal' },
  ])('does nothing at an order that is none: %j', async (order) => {
    expect(await caller({ act: 'silent', by: 'page', ...order })).toMatchObject({ status: 400 });
    expect(acts).toEqual([]);
  });

  test.each(['http://evil.example', 'null', undefined])(
    'does nothing for another page: %s',
    async (origin) => {
      const answer = await fetch(`http://127.0.0.1:${port}${inspectorPath(TOKEN)}caller`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(origin !== undefined && { origin }) },
        body: '{"act":"call"}',
      });
      expect([answer.status, acts]).toEqual([403, []]);
    },
  );
});

describe('an order', () => {
  test.each([
    ['http://127.0.0.1:7072', 'http://127.0.0.1:7072'],
    ['http://localhost:7072/', 'http://localhost:7072'],
    ['http://[::1]:7072/v1/', 'http://[::1]:7072/v1'],
    ['https://allowed.example/v1', 'https://allowed.example/v1'],
  ])('goes to this machine, or to what the command line names: %s', async (to, baseUrl) => {
    expect(await send({ to })).toMatchObject({ status: 200 });
    expect(targets).toEqual([baseUrl, `${baseUrl.replace(/^http/, 'ws')}/media`]);
  });

  test.each([
    'https://evil.example',
    'http://allowed.example',
    'https://allowed.example:8443',
    'https://allowed.example.evil.example',
    'http://127.0.0.1:7072@evil.example',
    'http://127.0.0.1.evil.example',
    'http://169.254.169.254/metadata',
    'http://0.0.0.0:7072',
    'ftp://127.0.0.1',
    'file:///etc',
    '//127.0.0.1',
    '',
  ])('goes nowhere else: %s', async (to) => {
    expect(await send({ to })).toMatchObject({ status: 400 });
    expect(targets).toEqual([]);
  });

  test.each([
    { count: 0 },
    { count: 1.5 },
    { count: 100_001 },
    { count: '9' },
    { count: 2, rate: 0 },
    { count: 2, rate: 10_001 },
    { count: 2, rate: -1 },
  ])('has bounds: %j', async (order) => {
    expect(await send(order)).toMatchObject({ status: 400 });
    expect(targets).toEqual([]);
  });

  test('with a count waits for no more than three others', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const four = Array.from({ length: 4 }, () => send({ count: 1 }));
    await expect.poll(() => targets).toHaveLength(8);
    expect(await send({ count: 1 })).toMatchObject({ status: 429 });
    open.resolve();
    expect((await Promise.all(four)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await send({ count: 1 })).toMatchObject({ status: 200 });
  });
});
