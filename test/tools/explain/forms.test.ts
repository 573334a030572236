import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../local/cli.ts';
import { LONGEST_INPUT_BYTES, readCaptured } from '../../../tools/explain/read.ts';
import { anyText } from '../../support/text.ts';

const read = (text: string | Buffer) => readCaptured(Buffer.from(text));
const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
/** What a header can hold; white space at its ends is none of it. */
const value = fc.stringMatching(/^[\x21-\x7e\xa1-\xff](?:[\x20-\x7e\xa1-\xff]{0,60}[\x21-\x7e\xa1-\xff])?$/);
const path = fc.stringMatching(/^\/[a-z0-9?=&.%/-]{0,60}$/);
const request = fc.record({
  method: fc.constantFrom('POST', 'GET', 'OPTIONS'),
  path,
  headers: fc.array(fc.tuple(token, value), { minLength: 1, maxLength: 5 }),
  body: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
});
type Request = { method: string; path: string; headers: [string, string][]; body: Buffer };

const HEADERS_OF_LENGTH = /^(?:content-length|transfer-encoding)$/i;
const usual = request.filter(({ headers }) => !headers.some(([name]) => HEADERS_OF_LENGTH.test(name)));

describe('any request is read as it was written', () => {
  const wire = ({ method, path, headers, body }: Request, end: string) =>
    Buffer.concat([
      Buffer.from(
        [`${method} ${path} HTTP/1.1`, ...headers.map(([name, text]) => `${name}: ${text}`), '', ''].join(
          end,
        ),
        'latin1',
      ),
      body,
    ]);

  test('as an HTTP message, its lines ended in either way, and its body byte by byte', () => {
    fc.assert(
      fc.property(usual, fc.constantFrom('\n', '\r\n'), (given, end) => {
        const { method, target, headers, body } = readCaptured(wire(given, end));
        expect({ method, path: target, headers, body: Buffer.from(body) }).toEqual(given);
      }),
    );
  });

  test('as JSON', () => {
    fc.assert(
      fc.property(usual, anyText(), ({ method, path, headers }, text) => {
        const captured = read(JSON.stringify({ method, url: path, headers, body: text.toWellFormed() }));
        expect(captured).toEqual({
          method,
          target: path,
          headers,
          body: Buffer.from(text.toWellFormed()),
          notes: [],
        });
      }),
    );
  });
});

test('whatever is given, it is read or refused with what to do, and nothing else happens', () => {
  const pieces =
    '"|\\|\n|\r\n| |{|}|"headers":|"log":|"request":|:|POST /x HTTP/1.1|a: b|\0|\u001b[2J|[|]|,|"url":"/"';
  const piece = fc.constantFrom(...pieces.split('|'));
  const text = fc.oneof(
    anyText(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('', '\ufeff', '{'), (given, start) => {
      try {
        const { headers } = read(`${start}${given}`);
        // No control but a tab: HTTP has none.
        for (const [, held] of headers) expect(held).not.toMatch(/(?!\t)\p{Cc}/u);
      } catch (fault) {
        expect(fault).toBeInstanceOf(UsageError);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is longer than any request is refused', () => {
  expect(() => readCaptured(Buffer.alloc(LONGEST_INPUT_BYTES + 1, ' '))).toThrow('longer than 8 MiB');
});

test.each([
  ['', 'nothing in it'],
  [' \n', 'nothing in it'],
  ['POST /x HTTP/1.1\nno header', 'line 2 is no header'],
  ['POST /x HTTP/1.1\na: b\n folded', 'line 3 begins with white space'],
  [':method: POST', 'HTTP/2'],
  ['POST /x HTTP/1.1\nna me: b', 'no name of a header'],
  ['POST /x HTTP/1.1\nx: a\u001b[2Jb', 'control character 0x1b'],
  ['POST /x HTTP/1.1\nx: a\rb', 'control character 0x0d'],
  ['{"url":"/x"', 'not'],
  ['{}', 'no "url"'],
  ['{"url":"/x","body":{"a":1}}', 'body is no text'],
  ['{"url":"/x","body":"","headers":{"a":1}}', 'no pair of texts'],
  ['{"url":"/x","headers":[["a","b","c"]]}', 'no pair of texts'],
  ['{"url":"/x","headers":7}', '"headers" is no object'],
  ['{"url":"/x","url":"/y"}', 'occurs twice'],
  ['{"url":"/x","method":"post"}', 'no method'],
  ['{"url":"/x","headers":{"a":"b\\u0007"}}', 'control character 0x07'],
  ['{"url":"/x"}', 'There is no body'],
  ['{"url":"/x","postData":{"params":[]}}', 'There is no body'],
  ['{"url":"/x","content":{}}', 'body is no text'],
  ['{"log":{"entries":[]}}', 'has 0 requests'],
  ['{"log":{"entries":[{"request":{}},{"request":{}}]}}', 'has 2 requests'],
  ['POST /x HTTP/1.1\nContent-Length: 5\n\n', 'There is no body'],
  ["curl 'https://x' -d 'a'", 'Copy the request as HAR'],
])('%j is refused: %s', (given, says) => {
  expect(() => read(given)).toThrow(UsageError);
  expect(() => read(given)).toThrow(says);
});

const sample = { method: 'POST', url: '/x', headers: [{ name: 'a', value: 'b' }] };
test.each<[string, unknown]>([
  ['a HAR file', { log: { entries: [{ request: { ...sample, postData: { text: 'é' } } }] } }],
  ['one entry of a HAR file', { request: { ...sample, postData: { text: 'é' } } }],
  ['a body of HAR in base64', { ...sample, postData: { text: 'w6k=', encoding: 'base64' } }],
  [
    'a request of webhook.site',
    { uuid: '1', method: 'POST', url: '/x', headers: { a: ['b'] }, query: null, content: 'é' },
  ],
])('%s is read with its body', (_form, document) => {
  const captured = read(JSON.stringify(document));
  expect(captured).toMatchObject({ method: 'POST', target: '/x', headers: [['a', 'b']] });
  expect(Buffer.from(captured.body).toString()).toBe('é');
});

test.each<[string, Record<string, unknown>]>([
  ['null', { ...sample, body: null }],
  ['text without a character', { ...sample, body: '' }],
  ['a HAR request of no bytes', { ...sample, bodySize: 0 }],
  ['a GET', { ...sample, method: 'GET' }],
])('a body that is empty, as %s says, is no missing one', (_how, document) => {
  expect(read(JSON.stringify(document)).body).toHaveLength(0);
});

test.each(['utf16le', 'utf8'] as const)('a file in %s with a byte order mark is read', (encoding) => {
  const json = JSON.stringify({ ...sample, body: 'é' });
  for (const text of [json, 'POST /x HTTP/1.1\r\na: b\r\n\r\né']) {
    const captured = read(Buffer.from(`\ufeff${text}`, encoding));
    expect(captured).toMatchObject({ target: '/x', headers: [['a', 'b']] });
    expect(Buffer.from(captured.body).toString()).toBe('é');
  }
});

test.each([
  ['Content-Length: 2\n\n{}\n', '{}', 0],
  ['Content-Length: 2\n\n{}\r\n', '{}', 0],
  ['Content-Length: 3\n\n{}\n', '{}\n', 0],
  ['Content-Length: 9\n\n{}', '{}', 1],
  ['Content-Length: 2\n\n{}{}', '{}{}', 1],
  ['Transfer-Encoding: chunked\n\n{}', '{}', 1],
  ['A: b\n\n{}\n', '{}\n', 0],
  ['A: b', '', 0],
])('of %j the body is %j', (given, body, notes) => {
  const captured = read(`POST /x HTTP/1.1\n${given}`);
  expect([Buffer.from(captured.body).toString(), captured.notes.length]).toEqual([body, notes]);
});
