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
  [[], /^--app is missing\. Usage/],
  [['--app', 'x', '--prot', '1'], /'--prot'.* Usage/],
  [['--app', 'x', 'y'], /'y'.* Usage/],
  [['--app', 'x', '--port', '70000'], /^"70000" is no port\. Usage/],
  [['--app', 'x', '--port', '-1'], /Usage/],
  [['--app', 'x', '--grace', 'long'], /^"long" is no number of seconds\. Usage/],
])('refuses %j', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
