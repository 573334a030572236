import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedOf, listed } from '../../../tools/send/catalog.ts';
import { sendOptions } from '../../../tools/send/options.ts';
import { outcomes, percentile } from '../../../tools/send/outcomes.ts';
import { progress } from '../../../tools/send/progress.ts';
import { manualClock } from '../../clock.ts';

test('a percentile is the smallest value that so many are not above', () => {
  const shares = fc.constantFrom(0.5, 0.9, 0.99, 1);
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, shares, (given, share) => {
      const sorted = given.toSorted((one, other) => one - other);
      const found = percentile(sorted, share);
      const notAbove = (limit: number) => sorted.filter((value) => value <= limit).length / sorted.length;
      expect(notAbove(found)).toBeGreaterThanOrEqual(share);
      for (const smaller of sorted.filter((value) => value < found))
        expect(notAbove(smaller)).toBeLessThan(share);
    }),
  );
});

describe('an outcome is as expected', () => {
  const forged = { status: 401, reason: 'token-expired' };
  test.each([
    ['genuine', { status: 200 }, true],
    ['genuine', { status: 204 }, true],
    ['genuine', { status: 101 }, true],
    ['genuine', { status: 0 }, false],
    ['genuine', { status: 302 }, false],
    ['genuine', { status: 401 }, false],
    ['genuine', { status: 503 }, false],
    [forged, { status: 401 }, true],
    [forged, { status: 401, reason: 'token-expired' }, true],
    [forged, { status: 401, reason: 'token-missing' }, false],
    [forged, { status: 200 }, false],
    [forged, { status: 0 }, false],
  ] as const)('of %j, %j: %j', (expected, result, is) => {
    const came = outcomes(expected);
    came.add({ sent: 'it', milliseconds: 1, ...result });
    expect(came.unexpected()).toBe(is ? 0 : 1);
  });
});

test('outcomes are counted apart by status, verdict and reason, the most frequent first', () => {
  const came = outcomes('genuine');
  for (let index = 1; index <= 100; index++)
    came.add({ sent: 'it', status: 200, verdict: 'accepted', milliseconds: index });
  came.add({
    sent: 'it',
    status: 503,
    verdict: 'unavailable',
    reason: 'keys-unavailable\u001b[2J',
    milliseconds: 7,
  });
  const [, ...rows] = came
    .table()
    .split('\n')
    .map((row) => row.replaceAll(/ +/g, ' '));
  expect(rows).toEqual([
    expect.stringContaining('200 accepted 100 50.0 90.0 99.0 100.0'),
    // What an app answers is not obeyed by the terminal.
    expect.stringContaining(String.raw`503 unavailable keys-unavailable\u{1b}[2J 1 7.0 7.0 7.0 7.0`),
  ]);
});

const catalog = {
  genuine: [{ group: 'Calls', names: ['CallConnected', 'archive'] }],
  forgeries: [
    {
      family: 'Keys',
      members: [{ name: 'key-missing', status: 401, reason: 'callback-key-missing' as const }],
    },
  ],
};
const order = (...args: readonly string[]) => {
  const options = sendOptions(args);
  return options;
};

test('the list shows each event and each forgery with what should come of it', () => {
  expect(listed(catalog)).toContain('    CallConnected\n    archive\n');
  expect(listed(catalog)).toContain('    key-missing  401 callback-key-missing');
});

test('what there is not is not sent, and names that are like it are told', () => {
  expect(expectedOf(catalog, order('archive'))).toBe('genuine');
  expect(expectedOf(catalog, order('--forge', 'key-missing'))).toMatchObject({ status: 401 });
  expect(() => expectedOf(catalog, order('callconnect'))).toThrow('There is CallConnected');
  expect(() => expectedOf(catalog, order('--forge', 'key'))).toThrow('There is key-missing');
  expect(() => expectedOf(catalog, order('\u001b[2J'))).toThrow(String.raw`\u{1b}[2J`);
});

test.each([
  [['a', 'b'], 'no secret on the command line'],
  [['a', '--secret', 'my-secret'], 'no secret on the command line'],
  [['a', '--count', '0'], '--count must be'],
  [['a', '--count', '100001'], '--count must be'],
  [['a', '--count', '1e3'], '--count must be'],
  [['a', '--rate', '-1'], 'ambiguous'],
  [['a', '--rate', '0.5'], '--rate must be'],
  [['a', '--rate', '10001'], '--rate must be'],
  [['a', '--to', 'http://example.com'], '--to must be'],
  [['a', '--to', 'http://127.0.0.1.example.com'], '--to must be'],
  [['a', '--to', 'https://example.com/?a'], '--to must be'],
  [['a', '--to', 'file:///x'], '--to must be'],
  [['a', '--from', 'x'], '--from must be'],
  [['a', '--from', 'http://127.0.0.1:1', '--secret'], 'choose one'],
  [['--bogus'], 'npm run send --'],
])('%j is not understood', (args, says) => {
  expect(() => sendOptions(args)).toThrow(says);
  expect(() => sendOptions(args)).not.toThrow('my-secret');
});

test('an address may have a path, and a slash at its end is none of it', () => {
  expect(order('a', '--to', 'https://example.com/v1/').to).toBe('https://example.com/v1');
  expect(order('a', '--to', 'http://[::1]:7071').to).toBe('http://[::1]:7071');
});

describe('progress', () => {
  const shownOn = (isTTY: boolean, total = 1000) => {
    const written: string[] = [];
    const clock = manualClock();
    const bar = progress(total, { isTTY, write: (text) => written.push(text) }, clock);
    return { written, clock, bar };
  };

  test('rewrites one line on a terminal, and leaves none behind', async () => {
    const { written, clock, bar } = shownOn(true);
    bar.at(1, 0);
    await clock.advance(200);
    bar.at(100, 0);
    await clock.advance(200);
    bar.at(200, 3);
    bar.end();
    expect(written).toEqual([
      '100 of 1000, 500 a second, 0 not as expected',
      '\r\u001b[K',
      '200 of 1000, 500 a second, 3 not as expected',
      '\r\u001b[K',
    ]);
  });

  test('writes a line every few seconds elsewhere', async () => {
    const { written, clock, bar } = shownOn(false);
    for (let sent = 1; sent <= 11; sent++) {
      await clock.advance(1000);
      bar.at(sent, 0);
    }
    bar.end();
    expect(written).toEqual([
      '5 of 1000, 1 a second, 0 not as expected\n',
      '10 of 1000, 1 a second, 0 not as expected\n',
    ]);
  });

  test('says nothing of a few', async () => {
    const { written, clock, bar } = shownOn(true, 3);
    await clock.advance(10_000);
    bar.at(1, 0);
    bar.end();
    expect(written).toEqual([]);
  });
});
