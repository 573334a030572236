import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../../shared/telemetry/redact.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import { version } from '../../support/secret-versions.ts';

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

const opaque = 'Zm9v+YmFy/c2VjcmV0LW9mLXNvbWVib2R5=';
/** Each kind of secret as it stands in text, and what must not be seen of it. */
const kinds: readonly (readonly [kind: string, text: string, seen: string])[] = [
  ['a token', token, token.split('.')[2] ?? ''],
  ['a token in plain base64', `eyJhbGciOiJ/${opaque}`, opaque],
  ['a bearer token of another form', `Bearer ${opaque}`, opaque],
  ['one in small letters', `authorization: bearer ${opaque}`, opaque],
  ['one that was percent-encoded', `BEARER%20${opaque}`, opaque],
  ['a callback key', key, mac],
  ['a key in a query', `/api/x?key=${opaque}`, opaque],
  ['one in capitals', `/api/x?KEY=${opaque}`, opaque],
  ['a ticket', `/media?a=1&ticket=${opaque}`, opaque],
  ['a function key', `?code=${opaque}`, opaque],
  ['a signature', `&sig=${opaque}`, opaque],
  ['the query of an address in capitals', `HTTPS://app.example/x?other=${opaque}`, opaque],
  ['an access key', `endpoint=https://x.example/;accesskey=${opaque}`, opaque],
  ['an account key', `AccountName=a;AccountKey=${opaque}`, opaque],
  ['an account key in JSON', `"accountKey": "${opaque}"`, opaque],
  ['a shared access key', `SharedAccessKey=${opaque}`, opaque],
  ['a shared access signature', `SharedAccessSignature=sv=2024&sig=${opaque}`, opaque],
  ['one in a header', `SharedAccessSignature sr=x&se=${opaque}`, opaque],
  ['a phone number', '+12065550100', '12065550100'],
  ['one that was percent-encoded', '4%3A%2b12065550100', '12065550100'],
];

test.each(kinds)('%s does not survive, whatever stands around it', (_kind, secret, seen) => {
  const around = fc.oneof(
    fc.string(),
    fc.constantFrom(' ', '"', "'", '=', '&', '/', '(', '\n', '{', '%20', '\\n', '_', 'x', '?', 'eyJ', 'v1.'),
  );
  // A digit before or behind a phone number, or a word before a v1, makes another thing of it.
  const before = around.map((text) => (/[\w%-]$/.test(text) ? `${text} ` : text));
  const behind = around.map((text) => (/^\d/.test(text) ? ` ${text}` : text));
  fc.assert(
    fc.property(before, behind, (one, other) => {
      expect(redact(`${one}${secret}${other}`)).not.toContain(seen);
    }),
    { numRuns: 300 },
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
