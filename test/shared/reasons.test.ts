import { expect, test } from 'vitest';
import { reasons } from '../../shared/reasons.ts';

test.each(Object.entries(reasons))(
  '%s is a code in kebab case with one line for the operator',
  (code, { means }) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(means).toMatch(/^\S.{9,150}\S$/);
  },
);

test('no two reasons mean the same', () => {
  const meanings = Object.values(reasons).map(({ means }) => means);
  expect(new Set<string>(meanings).size).toBe(meanings.length);
});
