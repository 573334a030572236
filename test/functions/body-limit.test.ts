import { expect, test } from 'vitest';
import { warnOfBodyLimit } from '../../functions/body-limit.ts';
import type { Environment } from '../../shared/settings/table.ts';

function warnings(environment: Environment, isDevelopment = false) {
  const noted: unknown[] = [];
  warnOfBodyLimit(environment, isDevelopment, (...note) => noted.push(note));
  return noted;
}

test.each([undefined, '', '2 MiB', '2e6'])('a start without a limit of bodies says so: %j', (limit) => {
  expect(warnings({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: limit })).toEqual([
    ['warn', 'body-limit-missing', expect.objectContaining({ setting: 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT' })],
  ]);
});

test('a start with it, or on a machine of a developer, has nothing to say', () => {
  expect(warnings({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2097152' })).toEqual([]);
  expect(warnings({}, true)).toEqual([]);
});
