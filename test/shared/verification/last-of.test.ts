import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastOf } from '../../../shared/verification/last-of.ts';

test('whatever comes in whatever order, the result is that of its own text', () => {
  const few = fc.constantFrom('', 'a', 'b', 'A', 'a ', '__proto__');
  fc.assert(
    fc.property(fc.array(few), (texts) => {
      const length = lastOf((text) => `${text}:${text.length}`);
      for (const text of texts) expect(length(text)).toBe(`${text}:${text.length}`);
    }),
  );
});

test('the work is done once for as long as the same text comes', () => {
  const done: string[] = [];
  const work = lastOf((text) => void done.push(text));
  for (const text of ['a', 'a', 'b', 'b', 'a']) work(text);
  expect(done).toEqual(['a', 'b', 'a']);
});

test('what is thrown is thrown each time, and what was known before stays known', () => {
  let asked = 0;
  const work = lastOf((text) => {
    asked++;
    if (text === 'bad') throw new Error('bad');
    return text;
  });
  expect(work('good')).toBe('good');
  for (let turn = 0; turn < 3; turn++) expect(() => work('bad')).toThrow('bad');
  expect(work('good')).toBe('good');
  expect(asked).toBe(4);
});
