import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { tableRow } from '../../../local/scenarios/table.ts';

test('a row has no characters that a terminal obeys, even if a log has them', () => {
  const unsafe = '\u001B]0;owned\u0007';
  const cells = { sent: unsafe, verdict: unsafe, reason: unsafe, written: [unsafe] };
  const row = tableRow({ ...cells, status: 200, milliseconds: 1, asExpected: true });
  // Only the mark has colours.
  expect(stripVTControlCharacters(row.slice(0, 12)) + row.slice(12)).not.toMatch(/[^\P{Cc}\n]/u);
  expect(row.split('\\u{1b}]0;owned\\u{7}')).toHaveLength(5);
});
