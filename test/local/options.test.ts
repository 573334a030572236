import { expect, test } from 'vitest';
import { startOptions } from '../../local/options.ts';

const defaults = {
  port: 7071,
  once: false,
  verbose: false,
  bare: false,
  app: undefined,
  address: '127.0.0.1',
  sendTo: [],
};

test.each([
  [[], defaults],
  [['--port', '0', '--once'], { ...defaults, port: 0, once: true }],
  [['--verbose'], { ...defaults, verbose: true }],
  [['--bare', '--app=dist/app'], { ...defaults, bare: true, app: 'dist/app' }],
  [
    ['--send-to', 'https://a.example/api/', '--send-to=https://b.example:8443'],
    { ...defaults, sendTo: ['https://a.example', 'https://b.example:8443'] },
  ],
])('%j is understood', (args, expected) => {
  expect(startOptions(args)).toEqual(expected);
});

test.each([
  [
    ['--twice'],
    /^There is no option --twice\. There is --port, --once, --verbose, --bare, --app, --address, --send-to and --help\.\n/,
  ],
  [['-x'], /^There is no option -x\. There is /],
  [['--port', '70710'], /^--port must be a number from 0 to 65535/],
  [['--once', '--bare'], /choose one/],
  [['--send-to', 'http://a.example'], /^--send-to must be an https address/],
  [['more'], /^Only options that begin with -- are understood\./],
])('%j is refused, with what there is', (args, message) => {
  expect(() => startOptions(args)).toThrow(message);
  expect(() => startOptions(args)).toThrow('--help            print this and end');
});
