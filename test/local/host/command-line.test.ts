import { expect, it } from 'vitest';
import { readCommandLine } from '../../../local/host/command-line.ts';

it('reads what is given, and has defaults for the rest', () => {
  expect(readCommandLine(['--app', 'here'])).toEqual({
    app: 'here',
    port: 7071,
    address: '127.0.0.1',
    expect: [],
    settings: undefined,
    grace: 5000,
  });
  const all = '--app x --port 0 --address ::1 --expect A --expect B --no-settings --grace 0.5'.split(' ');
  expect(readCommandLine(all)).toEqual({
    app: 'x',
    port: 0,
    address: '::1',
    expect: ['A', 'B'],
    settings: false,
    grace: 500,
  });
});

it.each<[string[], RegExp]>([
  [[], /^--app is missing\.\n\nnode local/],
  [
    ['--app', 'x', '--prot', '1'],
    /^There is no option --prot\. There is --app, .* and --help\.\n\nnode local/,
  ],
  [['--app', 'x', 'y'], /^Only options that begin with -- are understood\.\n\nnode local/],
  [['--app', 'x', '--port', '70000'], /^--port must be a number from 0 to 65535, not "70000"/],
  [['--app', 'x', '--port', '-1'], /--port/],
  [['--app', 'x', '--grace', 'long'], /^--grace must be a number of seconds, not "long"/],
])('refuses %j', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
