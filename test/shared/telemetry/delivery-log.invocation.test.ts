import { SecretClient } from '@azure/keyvault-secrets';
import { expect, test, vi } from 'vitest';
import { invocationLog } from '../../../shared/telemetry/delivery-log.ts';
import type { DeliveryLogEntry } from '../../../shared/telemetry/delivery-log.ts';
import { everything } from '../../../shared/telemetry/log-volume.ts';
import { capturedLog } from '../../support/log.ts';

const line: DeliveryLogEntry = {
  delivery: 'call-automation',
  route: 'r',
  verdict: 'accepted',
  status: 200,
  milliseconds: 1,
  stages: {},
  checks: {},
};

test.each(['info', 'warn', 'error'] as const)('a delivery is one line of JSON at its level: %s', (level) => {
  const { log, messages } = capturedLog();
  log.delivery(level, { ...line, events: { 'a\nb': 1 } });
  expect(messages).toHaveLength(1);
  expect(messages[0]?.level).toBe(level);
  expect(messages[0]?.message).not.toContain('\n');
  expect(JSON.parse(messages[0]?.message ?? '')).toEqual({
    ...line,
    events: { 'a\nb': 1 },
    // A query need not know how the host classifies an entry.
    ...(level !== 'info' && { level }),
  });
});

test('what a handler writes is written as it is', () => {
  const { log, messages } = capturedLog();
  log.handler('connected');
  expect(messages).toEqual([{ level: 'info', message: 'connected' }]);
});

test('what a handler threw is one line of JSON with the stack, and without what looks like a secret', () => {
  const { log, messages } = capturedLog();
  log.handlerThrew(
    'Microsoft.Communication.CallConnected',
    new Error('GET https://app.example/?key=secret failed'),
  );
  expect(messages).toMatchObject([{ level: 'error' }]);
  const written = JSON.parse(messages[0]?.message ?? '');
  expect(written).toMatchObject({
    ringward: 'handler-threw',
    eventType: 'Microsoft.Communication.CallConnected',
  });
  expect(written.error).toMatch(/^Error: GET https:\/\/app\.example\/\?\[query\] failed\n {4}at /);
});

function writtenOf(thrown: unknown): string {
  const { log, messages } = capturedLog();
  log.handlerThrew('Type', thrown);
  return JSON.parse(messages[0]?.message ?? '').error;
}

test.each<[string, object, RegExp]>([
  ['with an answer', { name: 'RestError', code: '8501', statusCode: 400 }, /^RestError 8501 400\n/],
  ['without one', { name: 'RestError', code: 'ECONNREFUSED' }, /^RestError ECONNREFUSED\n/],
  ['of the sign-in', { name: 'AuthenticationError', statusCode: 401 }, /^AuthenticationError 401\n/],
  [
    'of an action',
    { name: 'RestError', statusCode: 404, action: 'call.play' },
    /^RestError 404 in call\.play\n/,
  ],
  ['of another action', { name: 'RestError', statusCode: 404, action: 'GET /8:acs:ada' }, /^RestError 404\n/],
  ['whose code is words', { name: 'RestError', code: 'call 8:acs:ada', statusCode: 400 }, /^RestError 400\n/],
])(
  'of an error of an SDK its codes and our places in its stack are told, and no word: %s',
  (_what, fields, first) => {
    const message = 'Ada Lovelace is busy\n    at home with 8:acs:ada\n    at /8:acs:ada?x:1:1';
    const thrown = Object.assign(new Error(message), fields);
    const written = writtenOf(thrown);
    expect(written).toMatch(first);
    expect(written).toMatch(/delivery-log\.invocation\.test\.ts:\d+:\d+/);
    for (const word of ['Ada', 'acs', 'home', 'node_modules']) expect(written).not.toContain(word);
  },
);

test('an error of a real SDK is recognized', async () => {
  const client = new SecretClient(
    'https://127.0.0.1:9',
    { getToken: async () => null },
    {
      retryOptions: { maxRetries: 0 },
      disableChallengeResourceVerification: true,
    },
  );
  const thrown = await client.getSecret('name-of-a-secret').catch((error: unknown) => error);
  expect(String(thrown)).toContain('RestError: ');
  expect(writtenOf(thrown)).toMatch(/^RestError \w+$/);
});

test.each(['+12065550100', 'a b', 'x'.repeat(129), ''])(
  'an event type of no usual form is not written: %j',
  (type) => {
    const { log, messages } = capturedLog();
    log.handlerThrew(type, new Error('broken'));
    expect(JSON.parse(messages[0]?.message ?? '').eventType).toBe('other');
  },
);

test.each([
  ['handler that completed late', 'handlerCompletedLate', 'handler-completed-late'],
  ['lost lease', 'leaseLost', 'lease-lost'],
] as const)('a %s is noted on the console, because its invocation has ended', (_what, entry, event) => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const messages: string[] = [];
  const write = (message: string) => void messages.push(message);
  const log = invocationLog({ info: write, warn: write, error: write }, everything);
  for (const type of ['Microsoft.Communication.CallConnected', 'a b']) log[entry](type);
  const notes = warned.mock.calls.map(([line]) => JSON.parse(String(line)));
  warned.mockRestore();
  expect(messages).toEqual([]);
  expect(notes).toMatchObject([
    { ringward: event, eventType: 'Microsoft.Communication.CallConnected' },
    { ringward: event, eventType: 'other' },
  ]);
});

class WithoutStack extends Error {
  override readonly stack = undefined as unknown as string;
}

const unprintable = {
  toString(): string {
    throw new Error('not even that');
  },
};

test.each<[string, unknown, string]>([
  ['text', 'broken', 'broken'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 7, '7'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an error without a stack', new WithoutStack('broken'), 'broken'],
])('a handler may throw %s', (_what, thrown, error) => {
  const { log, messages } = capturedLog();
  log.handlerThrew('Type', thrown);
  expect(JSON.parse(messages[0]?.message ?? '')).toMatchObject({ error });
});

test.each<[string, unknown]>([
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be printed', unprintable],
  ['an error whose stack is no text', Object.assign(new Error('broken'), { stack: 7 })],
])('what cannot be told of a handler still leaves its line: %s', (_what, thrown) => {
  const { log, messages } = capturedLog();
  log.handlerThrew('Type', thrown);
  expect(JSON.parse(messages[0]?.message ?? '')).toMatchObject({
    ringward: 'handler-threw',
    eventType: 'Type',
  });
});

test("the methods of the platform are called on the platform's object", () => {
  const written: string[] = [];
  class Context {
    readonly prefix = 'context: ';
    info(message: string) {
      written.push(this.prefix + message);
    }
    warn = this.info;
    error = this.info;
  }
  invocationLog(new Context(), everything).handler('hello');
  invocationLog(new Context(), everything).delivery('info', line);
  expect(written[0]).toBe('context: hello');
  expect(written).toHaveLength(2);
});
