import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integer, list, listed, oneOf, range, secretName } from '../../../shared/settings/parse.ts';
import { settingsTable } from '../../../shared/settings/settings.ts';

const { ACS_RESOURCE_ID: resourceIds, EVENT_GRID_TOPICS: topics } = settingsTable;

const GUID = '11111111-2222-3333-4444-5555555555aB';
const TOPIC = `/subscriptions/${GUID}/resourceGroups/g/providers/Microsoft.Communication/communicationServices/n`;

test.each<[string, (text: string) => unknown, string, unknown]>([
  ['a list', list(String), 'a, b ,c', ['a', 'b', 'c']],
  ['a list of one', list(String), 'a', ['a']],
  ['one of several', listed, 'api://a', 'api://a'],
  ['the name of a secret', secretName, 'Callback-Key-2', 'Callback-Key-2'],
  ['a choice', oneOf('on', 'off'), 'off', 'off'],
  ['a range', range, '10.0.0.0/8', '10.0.0.0/8'],
  ['a resource id', resourceIds.parse, GUID, [GUID]],
  ['an ARM id', topics.parse, TOPIC, [TOPIC]],
])('%s is read', (_what, parse, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test.each<[string, (text: string) => unknown, string, RegExp]>([
  ['a list with a fault in it', list(listed), 'a,', /its 2nd element is empty/],
  ['one of several with white space', listed, 'a b', /white space/],
  ['the name of a secret with a slash', secretName, 'a/b', /name of a secret/],
  ['the name of a secret of 128 characters', secretName, 'a'.repeat(128), /name of a secret/],
  ['a choice that is none', oneOf('on', 'off'), 'ON', /must be on or off$/],
  ['a range that is none', range, '10.0.0.0', /is no range/],
  [
    'an ARM path for a resource id',
    resourceIds.parse,
    TOPIC,
    /is a GUID, and not the ARM path.*immutableResourceId/,
  ],
  ['anything for a resource id', resourceIds.parse, '*', /must be an immutable resource id/],
  [
    'a resource id with something behind it',
    resourceIds.parse,
    `${GUID}0`,
    /must be an immutable resource id/,
  ],
  ['a name for an ARM id', topics.parse, 'ringward', /must be an ARM id: \/subscriptions\//],
  ['anything for an ARM id', topics.parse, '*', /must be an ARM id/],
  ['an ARM id with nothing in it', topics.parse, '/subscriptions/', /must be an ARM id/],
])('%s is a fault that says how to mend it', (_what, parse, text, message) => {
  expect(() => parse(text)).toThrow(message);
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
