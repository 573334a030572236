import { expect, test } from 'vitest';
import { conformanceOptions, usage } from '../../../tools/conformance/options.ts';
import { testedSenders } from '../../../tools/conformance/run.ts';

const URL_OF = 'http://127.0.0.1:8080/hook';

test('the URL is enough', () => {
  expect(conformanceOptions(['--url', URL_OF])).toEqual({
    url: URL_OF,
    sender: 'call-automation',
    has: [],
    run: undefined,
    json: undefined,
    port: 7090,
    timeoutMs: 10_000,
    patienceMs: 90_000,
  });
});

test('the usage names every sender and every feature', () => {
  for (const { name, features = {} } of testedSenders) {
    expect(usage).toContain(name);
    for (const feature of Object.keys(features)) expect(usage).toContain(`${name}: ${feature}`);
  }
});

test.each([
  [[], '--url must be the http:// or https:// URL of the receiver, without a query.'],
  [['--url', 'http://127.0.0.1/?a=b'], '--url must be the http:// or https:// URL'],
  [['--url', 'http://127.0.0.1', '--sender', 'media'], '--url must be the ws:// URL'],
  [['--url', 'http://127.0.0.1', '--timeout', '0'], '--timeout must be a number of seconds above 0.'],
  [['--url', 'http://127.0.0.1', 'more'], 'Only options that begin with -- are understood.'],
])('%j is not understood', (args, message) => {
  expect(() => conformanceOptions(args)).toThrow(message);
});
