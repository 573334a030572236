import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../../shared/telemetry/redact.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import { version } from '../../support/ring.ts';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const token = [
  base64url('{"alg":"RS256","kid":"k"}'),
  base64url('{"aud":"a","exp":1}'),
  base64url('~'.repeat(99)),
].join('.');
const key = mintCallbackKey(version('1a2b3c4d', 's'), 'callback', {
  reference: 'abcdefghijklmnopqrstuQ',
  expires: 1_800_000_000,
});
const mac = key.split('.').at(-1) ?? '';

test.each([
  ['a token', `bad token ${token}!`, 'bad token [token]!'],
  ['a header', `{"authorization":"Bearer ${token}"}`, '{"authorization":"Bearer [token]"}'],
  ['half a token', `${token.split('.')[0]}.`, '[token]'],
  ['a callback key', `key ${key} refused`, 'key [callback key] refused'],
  [
    'any other URI with a query',
    'GET http://a.example/b?sig=secret&x=1 end',
    'GET http://a.example/b?[query] end',
  ],
  ['two of them', `${key} ${token} ${key}`, '[callback key] [token] [callback key]'],
])('%s is blotted out', (_what, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  [
    'a callback URI',
    `POST https://app.example/api?key=${key} failed`,
    'POST https://app.example/api?[query] failed',
  ],
  ['a media URI', `"wss://media.example/media?ticket=${key}"`, '"wss://media.example/media?[query]"'],
  [
    'a callback URI with more behind it',
    `https://app.example/?key=${key}&sig=secret`,
    'https://app.example/?[query]',
  ],
])('the whole query is blotted out of %s', (_what, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  ['a phone number', 'Cannot invite 4:+12065550100 now', 'Cannot invite 4:[phone number] now'],
  [
    'an access key',
    'endpoint=https://x.example/;accesskey=c2VjcmV0;more',
    'endpoint=https://x.example/;accesskey=[key];more',
  ],
])('%s is blotted out of what a service said', (_what, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  '',
  'TypeError: undefined is not a function\n    at handler (file:///app/handlers/calls.ts:7:11)',
  'https://app.example/api/callbacks and http://localhost:7071/',
  'v1.2.3 and v1.24',
  'is this a question? yes',
])('what holds no secret stays as it is: %j', (text) => {
  expect(redact(text)).toBe(text);
});

test('no secret survives, whatever stands around it', () => {
  const around = fc.oneof(
    fc.string(),
    fc.constantFrom(' ', '"', "'", '=', '&', '/', '(', '\n', '{', '%20', '\\n', '_', 'x', '?'),
  );
  const secret = fc.constantFrom({ text: token, seen: token.split('.')[2] ?? '' }, { text: key, seen: mac });
  fc.assert(
    fc.property(around, secret, around, (before, { text, seen }, behind) => {
      const separated = /[\w%-]$/.test(before) ? `${before} ` : before;
      expect(redact(`${separated}${text}${behind}`)).not.toContain(seen);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['a word', (secret: string) => `token${secret}`],
  ['an underscore', (secret: string) => `_${secret}`],
  ['percent encoding', (secret: string) => encodeURIComponent(`key=${secret}`)],
  ['an escaped line break', (secret: string) => JSON.stringify(`a\n${secret}`)],
])('a secret that follows %s is blotted out as well', (_what, follow) => {
  const redacted = redact(follow(key)) + redact(follow(token));
  expect([redacted.includes(mac), redacted.includes(token.split('.')[2] ?? '')]).toEqual([false, false]);
});

test('text of any length that looks like secrets is done with', () => {
  const text = `v1.${randomBytes(8).toString('hex')}.`.repeat(20_000) + 'eyJ'.repeat(20_000);
  expect(redact(text).length).toBeLessThanOrEqual(text.length);
});
