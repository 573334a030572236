import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Unreadable } from '../../../tools/explain/captured.ts';
import { shellWords } from '../../../tools/explain/forms/shell-words.ts';
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

  test('as a curl command, quoted in any of the ways that a shell has', () => {
    const single = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const double = (text: string) => `"${text.replaceAll(/[$`"\\]/g, String.raw`\$&`)}"`;
    const ansi = (text: string) =>
      `$'${[...text].map((one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}'`;
    fc.assert(
      fc.property(
        usual,
        fc.constantFrom(single, double, ansi),
        fc.constantFrom(' ', ' \\\n  ', ' \\\r\n '),
        ({ method, path, headers, body }, quote, gap) => {
          // A shell cannot pass on a NUL.
          const text = body.toString('latin1').replaceAll('\0', '0');
          const command = [
            'curl',
            `${quote(`https://app.example${path}`)}`,
            `-X${method}`,
            ...headers.map(([name, held]) => `-H ${quote(`${name}: ${held}`)}`),
            '-H content-type:application/json',
            `--data-raw ${quote(text)}`,
          ];
          const captured = read(Buffer.from(command.join(gap), 'latin1'));
          expect({ ...captured, body: Buffer.from(captured.body) }).toEqual({
            method,
            target: `https://app.example${path}`,
            headers: [...headers, ['content-type', 'application/json']],
            body: Buffer.from(text, 'latin1'),
            notes: [],
          });
        },
      ),
    );
  });
});

test('whatever is given, it is read or refused with what to do, and nothing else happens', () => {
  const pieces =
    'curl |\'|"|$\'|\\|\n|\r\n| |-H |-d |--data-raw |{|}|"headers":|:|POST /x HTTP/1.1|a: b|@|$(id)|`id`|;|\0|\u001b[2J|[|]|,|"url":"/"';
  const piece = fc.constantFrom(...pieces.split('|'));
  const text = fc.oneof(
    anyText(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('', 'curl ', '{'), (given, start) => {
      try {
        const { headers } = read(`${start}${given}`);
        // No control but a tab: HTTP has none.
        for (const [, held] of headers) expect(held).not.toMatch(/(?!\t)\p{Cc}/u);
      } catch (fault) {
        expect(fault).toBeInstanceOf(Unreadable);
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
  ['{"url":"/x","body":{"a":1}}', '"body" is no text'],
  ['{"url":"/x","headers":{"a":1}}', 'no pair of texts'],
  ['{"url":"/x","headers":[["a","b","c"]]}', 'no pair of texts'],
  ['{"url":"/x","headers":7}', '"headers" is no object'],
  ['{"url":"/x","url":"/y"}', 'occurs twice'],
  ['{"url":"/x","method":"post"}', 'no method'],
  ['{"url":"/x","headers":{"a":"b\\u0007"}}', 'control character 0x07'],
  ['curl', 'line 1 is no header'],
  ['curl -X POST', 'names no URL'],
  ['curl a b', 'more than one URL'],
  ['curl https://x -X', '-X lacks its value'],
  ['curl https://x --upload-file x', 'option --upload-file is not understood'],
  ['curl https://x -sTx', 'option -T is not understood'],
  ['curl https://x -d @body.json', 'names a file'],
  ['curl https://x --data-binary @-', 'names a file'],
  ['curl https://x -H @headers', 'names a file'],
  ["curl https://x -H 'no header'", '-H takes'],
  ["curl https://x -d 'never closed", 'never closed'],
  ['curl https://x -d "never closed', 'never closed'],
  ["curl https://x -d $'never closed\\'", 'never closed'],
  ['curl https://x -d a\\', 'ends in a backslash'],
  ['curl https://x -d $TOKEN', 'A shell would have to'],
  ['curl https://x -d "a $TOKEN"', 'A shell would have to'],
  ['curl https://x -d "$(cat secret)"', 'A shell would have to'],
  ['curl https://x -d `cat secret`', 'A shell would have to'],
  ['curl https://x; rm -rf /', 'A shell would have to'],
  ['curl https://x && id', 'A shell would have to'],
  ['curl https://x | sh', 'A shell would have to'],
  ['curl https://x > file', 'A shell would have to'],
  ['curl https://x\nid', 'A shell would have to'],
  ['curl "https://x" ^\n -H "a: b"', 'Copy it for bash'],
  ["curl https://x -d $'\\q'", 'means nothing'],
  ["curl https://x -d $'\\0'", 'means nothing'],
  ["curl https://x -d $'\\ud83d'", 'means nothing'],
])('%j is refused: %s', (given, says) => {
  expect(() => read(given)).toThrow(Unreadable);
  expect(() => read(given)).toThrow(says);
});

test.each([
  [
    "curl 'https://x' -d 'a'",
    { method: 'POST', headers: [['Content-Type', 'application/x-www-form-urlencoded']] },
  ],
  ["curl 'https://x' --json '{}'", { method: 'POST', headers: [['Content-Type', 'application/json']] }],
  ["curl 'https://x'", { method: 'GET', headers: [] }],
  [
    "curl -sSLkXPOST https://x -da -H'a: b' --compressed -o out",
    {
      method: 'POST',
      headers: [
        ['a', 'b'],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
    },
  ],
  ["curl https://x -H 'Accept:' -H 'X-Empty;'", { method: 'GET', headers: [['X-Empty', '']] }],
  ['curl --url x.example/y', { target: 'http://x.example/y' }],
  ["curl https://x -d a -d b --data-raw '@c'", { body: Buffer.from('a&b&@c') }],
  ["curl https://x --data-raw $'\\u00e9\\ud83d\\ude00\\'\\n\\101'", { body: Buffer.from("é😀'\nA") }],
  ['curl https://x --data-raw "a\\"b\\\\c\\$d\\e\\\nf"', { body: Buffer.from('a"b\\c$d\\ef') }],
])('%s is read as curl would send it', (given, expected) => {
  expect(read(given)).toMatchObject(expected);
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

test('the words of a command are those that bash makes of it', () => {
  // Within quotes, where both are asked for the same thing; a NUL and bytes that are no UTF-8 are not passed on by it.
  const safe = fc.stringMatching(/^[ -~\n\té€]{0,30}$/);
  const word = fc.oneof(
    safe.map((text) => `'${text.replaceAll("'", `'\\''`)}'`),
    safe.map((text) => `"${text.replaceAll(/[$`"!]/g, '').replaceAll(/\\+$/g, '')}"`),
    fc
      .stringMatching(/^(?:[ -&(-Z^-~é]|\\[ntrabefv\\'"?]|\\x[2-7][0-9a-f]|\\u00[a-f][0-9a-f]|\\1[0-7]{2})*$/)
      .map((text) => `$'${text}'`),
    fc.stringMatching(/^[A-Za-z0-9:/=%@.,_-]{1,20}$/),
    fc.stringMatching(/^(?:\\[ -~]){1,5}$/),
  );
  const commands = fc
    .sample(fc.array(word, { minLength: 1, maxLength: 6 }), 60)
    .map((words) => words.join(' '));
  const script = commands.map(
    (command) => `for word in ${command}; do printf '%s\\0' "$word"; done; printf '\\001\\0'`,
  );
  const said = execFileSync('bash', ['--norc', '-c', script.join('\n')], {
    env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
  });
  const expected = said
    .toString('latin1')
    .split('\u0001\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
  const ours = commands.map((command) => shellWords(Buffer.from(command).toString('latin1')));
  expect(ours).toEqual(expected);
});
