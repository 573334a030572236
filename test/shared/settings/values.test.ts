import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  baseUrl,
  integer,
  list,
  listed,
  oneOf,
  range,
  secretName,
  url,
} from '../../../shared/settings/values.ts';

test.each<[string, (text: string) => unknown, string, unknown]>([
  ['a list', list(String), 'a, b ,c', ['a', 'b', 'c']],
  ['a list of one', list(String), 'a', ['a']],
  ['one of several', listed, 'api://a', 'api://a'],
  ['a URL', url, 'https://a.example/b?c=d', 'https://a.example/b?c=d'],
  ['a base URL', baseUrl, 'https://a.example', 'https://a.example'],
  ['a base URL with a path', baseUrl, 'https://a.example/b/', 'https://a.example/b'],
  ['a base URL with slashes at its end', baseUrl, 'https://a.example///', 'https://a.example'],
  ['the name of a secret', secretName, 'Callback-Key-2', 'Callback-Key-2'],
  ['a choice', oneOf('on', 'off'), 'off', 'off'],
  ['a range', range, '10.0.0.0/8', '10.0.0.0/8'],
])('%s is read', (_what, parse, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test.each<[string, (text: string) => unknown, string, RegExp]>([
  ['a list with a fault in it', list(listed), 'a,', /its 2nd element is empty/],
  ['one of several with white space', listed, 'a b', /white space/],
  ['a URL without a scheme', url, 'a.example', /must be a URL/],
  ['a URL of another scheme', url, 'ftp://a.example', /must be a URL/],
  ['a URL that runs', url, 'javascript:alert(1)', /must be a URL/],
  ['a base URL with a query', baseUrl, 'https://a.example?a=1', /plain address/],
  ['a base URL with a fragment', baseUrl, 'https://a.example/#a', /plain address/],
  ['a base URL with a user', baseUrl, 'https://me@a.example', /plain address/],
  ['the name of a secret with a slash', secretName, 'a/b', /name of a secret/],
  ['the name of a secret of 128 characters', secretName, 'a'.repeat(128), /name of a secret/],
  ['a choice that is none', oneOf('on', 'off'), 'ON', /must be on or off$/],
  ['a range that is none', range, '10.0.0.0', /is no range/],
])('%s is a fault that says how to mend it', (_what, parse, text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ['an empty query', 'https://a.example?'],
  ['an empty fragment', 'https://a.example/#'],
  ['a password without a user', 'https://:secret@a.example'],
])('a base URL with %s is a fault, since what is appended to it would not be its path', (_what, text) => {
  expect(() => baseUrl(text)).toThrow(/plain address/);
});

test('a secret that is put where its name belongs is not repeated', () => {
  for (const secret of ['pa$$word', 'c2VjcmV0+/==', 'a b']) {
    expect(() => secretName(secret)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    );
  }
});

test('a whole number is read where it is written in digits and within its bounds, and nowhere else', () => {
  const text = fc.oneof(
    fc.string(),
    fc.integer({ min: -20, max: 120 }).map(String),
    fc.constantFrom(
      '1e1',
      '0x10',
      '10.0',
      '+10',
      '٣',
      '1_0',
      '',
      ' 10',
      '010',
      '9'.repeat(10),
      'NaN',
      'Infinity',
    ),
  );
  const parse = integer(5, 100);
  fc.assert(
    fc.property(text, (text) => {
      const inBounds = /^[0-9]{1,9}$/.test(text) && Number(text) >= 5 && Number(text) <= 100;
      if (inBounds) expect(parse(text)).toBe(Number(text));
      else expect(() => parse(text)).toThrow('must be a whole number from 5 to 100');
    }),
    { numRuns: 1000 },
  );
});

test('a base URL that is read has nothing behind it that a path could not follow', () => {
  const part = fc.constantFrom('', '/', 'a', 'b/c', '?', '?d=e', '#', '#f', '@', ':1', '..', '%2f', '\\');
  const address = fc.array(part, { maxLength: 4 }).map((parts) => `https://a.example${parts.join('')}`);
  fc.assert(
    fc.property(address, (text) => {
      let base: string;
      try {
        base = baseUrl(text);
      } catch {
        return;
      }
      if (/[?#]$/.test(base)) return;
      expect(new URL(`${base}/api/x?key=1`).pathname).toMatch(/\/api\/x$/);
      expect(new URL(`${base}/api/x?key=1`).search).toBe('?key=1');
    }),
  );
});
