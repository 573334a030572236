import { expect, test } from 'vitest';
import { readable } from '../../local/handler-log.ts';

const threw = (...lines: readonly string[]) =>
  JSON.stringify({ ringward: 'handler-threw', level: 'error', eventType: 'x', error: lines.join('\n') });

test.each<[string, string, readonly string[]]>([
  ['text of a handler', 'answered', ['answered']],
  ['text in lines', 'one\ntwo', ['one', 'two']],
  ['text that a terminal would obey', '\u001B[2J', ['\\u{1b}[2J']],
  ['JSON of a handler', '{"a":1}', ['{"a":1}']],
  ['what only begins like a note', '{"ringward":', ['{"ringward":']],
  ['a name that is no text', '{"ringward":{"toString":0}}', ['{"ringward":{"toString":0}}']],
  [
    'an error that is no text',
    '{"ringward":"handler-threw","error":{"toString":0}}',
    ['{"ringward":"handler-threw","error":{"toString":0}}'],
  ],
  ['a note', '{"ringward":"call-missed","why":"it stopped ringing"}', ['call-missed: it stopped ringing']],
  [
    'a note with more members',
    '{"ringward":"setting-unknown","level":"warn","name":"KEYVAULT_URL","meant":"KEY_VAULT_URL"}',
    ['setting-unknown: name KEYVAULT_URL, meant KEY_VAULT_URL'],
  ],
  ['a long delivery log entry', `{"delivery":"${'x'.repeat(3000)}"}`, [`{"delivery":"${'x'.repeat(3000)}"}`]],
  [
    'an error, with its places in handlers/ alone',
    threw(
      'TypeError: no',
      '    at Object.CallConnected (file:///home/me/ringward/handlers/calls.ts:14:13)',
      '    at run (file:///home/me/ringward/shared/delivery/pipeline.ts:135:45)',
      '    at async menu (C:\\ringward\\handlers\\menu\\digits.ts:3:1)',
      '    at /srv/handlers/calls.ts:20:5',
    ),
    [
      'threw TypeError: no',
      '    at handlers/calls.ts:14 CallConnected',
      '    at handlers/menu/digits.ts:3 menu',
      '    at handlers/calls.ts:20',
    ],
  ],
  ['something thrown that is no error', threw('undefined'), ['threw undefined']],
])('%s is written for a person', (_name, message, lines) => {
  expect(readable(message)).toEqual(lines);
});
