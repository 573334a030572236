import { expect, test } from 'vitest';
import { invocationLog } from '../../../shared/telemetry/invocation-log.ts';
import type { DeliveryLine } from '../../../shared/telemetry/delivery-record.ts';
import { capturedLog } from '../../support/log.ts';

const line: DeliveryLine = {
  delivery: 'call-automation',
  route: 'r',
  verdict: 'accepted',
  status: 200,
  milliseconds: 1,
  stages: {},
  checks: [],
};

test.each(['info', 'warn', 'error'] as const)('a delivery is one line of JSON at its level: %s', (level) => {
  const { log, messages } = capturedLog();
  log.delivery(level, { ...line, events: { 'a\nb': 1 } });
  expect(messages).toHaveLength(1);
  expect(messages[0]?.level).toBe(level);
  expect(messages[0]?.message).not.toContain('\n');
  expect(JSON.parse(messages[0]?.message ?? '')).toEqual({ ...line, events: { 'a\nb': 1 } });
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
  invocationLog(new Context()).handler('hello');
  invocationLog(new Context()).delivery('info', line);
  expect(written[0]).toBe('context: hello');
  expect(written).toHaveLength(2);
});
