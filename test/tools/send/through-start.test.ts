import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SendResult } from '../../../local/inspector/contract.ts';
import { listening } from '../../../local/fakes/listening.ts';
import { sendOptions } from '../../../tools/send/options.ts';
import { throughStart } from '../../../tools/send/through-start.ts';

// What it asks, and what it makes of answers that are not what they should be; the end-to-end test asks a real `npm start`.
const state = { genuine: [{ group: 'Calls', names: ['CallConnected'] }], forgeries: [] };
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
let asked: { method: string; url: string; origin: string | undefined; body: string }[] = [];
let from: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method = '', url = '' } = request;
    asked.push({ method, url, origin: request.headers.origin, body });
    if (url === '/inspector/token/state') response.end(JSON.stringify(state));
    else answer(request, response);
  });
  const { port, down } = await listening(server);
  from = `http://127.0.0.1:${port}`;
  close = down;
});
afterAll(() => close());
beforeEach(() => {
  asked = [];
});

async function send(...args: readonly string[]): Promise<SendResult[]> {
  const options = sendOptions(args);
  const results: SendResult[] = [];
  const sender = await throughStart(`${from}/inspector/token/`);
  await sender.send(options, (result) => results.push(result));
  return results;
}
const result = { sent: 'CallConnected', status: 200, milliseconds: 1 };

test('it asks as the page does, with the origin of npm start, for no more than it was told', async () => {
  answer = (_request, response) => response.end(JSON.stringify(result));
  expect(await send('CallConnected')).toEqual([result]);
  expect(asked).toEqual([
    { method: 'GET', url: '/inspector/token/state', origin: undefined, body: '' },
    { method: 'POST', url: '/inspector/token/send', origin: from, body: '{"event":"CallConnected"}' },
  ]);
  await send('--forge', 'key-missing', '--count', '3', '--rate', '2', '--to', 'http://127.0.0.1:7072');
  expect(JSON.parse(asked.at(-1)?.body ?? '')).toEqual({
    forge: 'key-missing',
    count: 3,
    rate: 2,
    to: 'http://127.0.0.1:7072',
  });
});

test('what the caller does is passed on as it was written, and what it notices comes back', async () => {
  const shown = { number: 1, placedAt: 0, names: {}, state: 'asked', says: 'the app asked for digits, 10 s' };
  answer = (_request, response) => response.end(JSON.stringify(shown));
  const { act } = await throughStart(`${from}/inspector/token/`);
  expect(await act('press 12#')).toEqual(shown);
  expect(asked.at(-1)).toEqual({
    method: 'POST',
    url: '/inspector/token/caller',
    origin: from,
    body: '{"act":"press 12#","by":"send"}',
  });
});

test.each([
  ['--caller', 'press 1', 'CallConnected'],
  ['--caller', 'press 1', '--forge', 'key-missing'],
  ['--caller', 'press 1', '--secret'],
])('a caller does one thing, and nothing is sent beside it: %s %s %s', (...args) => {
  expect(() => sendOptions(args)).toThrow('--caller acts in a call of npm start');
});

test('results are told one by one, wherever the answer is broken into pieces', async () => {
  const lines = [result, { ...result, sent: 'é' }].map((line) => `${JSON.stringify(line)}\n`).join('');
  answer = (_request, response) => {
    const bytes = Buffer.from(lines);
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  };
  expect(await send('CallConnected', '--count', '2')).toEqual([result, { ...result, sent: 'é' }]);
});

test.each([
  ['{"error":"Nothing is called so.\\u001b[2J"}', String.raw`did not do it: Nothing is called so.\u{1b}[2J`],
  ['no JSON\u001b[2J', 'did not do it: it answered 400.'],
])('a refusal is told, and what it says is not obeyed by the terminal: %j', async (body, says) => {
  answer = (_request, response) => response.writeHead(400).end(body);
  await expect(send('CallConnected')).rejects.toThrow(says);
});

test('a line that does not end is not read to its end', async () => {
  answer = (_request, response) => {
    const more = () => response.write(' '.repeat(32 * 1024), (fault) => fault ?? more());
    more();
  };
  await expect(send('CallConnected')).rejects.toThrow('does not end');
});

test('a redirect is not followed', async () => {
  answer = (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end();
  await expect(send('CallConnected')).rejects.toThrow('Nothing answers');
  expect(asked).not.toEqual([]);
  expect(asked.map(({ url }) => url)).not.toContain('/elsewhere');
});
