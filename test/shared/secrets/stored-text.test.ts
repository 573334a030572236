import { expect, test } from 'vitest';
import { strayCharacters, withoutLineBreak } from '../../../shared/secrets/stored-text.ts';

test.each([
  ['key', 'key'],
  ['key\n', 'key'],
  ['key\r\n', 'key'],
  ['key\n\n', 'key\n'],
  ['key\r', 'key\r'],
  ['\nkey', '\nkey'],
  ['key ', 'key '],
  ['', ''],
])('of the stored text %j the secret is %j', (text, secret) => {
  expect(withoutLineBreak(text)).toBe(secret);
});

test.each([
  ['key', undefined],
  ['kéy with a blank', undefined],
  ['it\'s a "key"', undefined],
  ['"', undefined],
  ['', undefined],
  [' key', 'white space around it'],
  ['key\t', 'white space around it'],
  ['key\n', 'white space around it'],
  ['key\u00a0', 'white space around it'],
  ['\uFEFFkey', 'a byte order mark before it'],
  ['\uFEFF key', 'a byte order mark before it, white space around it'],
  ['"key"', 'quotation marks around it'],
  ["'key'", 'quotation marks around it'],
  ['“key”', 'quotation marks around it'],
  [' "key"', 'white space around it, quotation marks around it'],
  ['"k\ney"', 'invisible characters in it, quotation marks around it'],
  ['k\u200bey', 'invisible characters in it'],
  ['k\0ey', 'invisible characters in it'],
])('the stray characters of %j: %s', (secret, has) => {
  expect(strayCharacters(secret)).toBe(has);
});
