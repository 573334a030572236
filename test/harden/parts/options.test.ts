import { describe, expect, test } from 'vitest';
import { readOptions } from '../options.ts';

const known = ['tokens', 'soak'];
const usage = 'npm run harden';

describe('the command line of npm run harden', () => {
  test('asks for the short form of all parts, and for any seed, where nothing is said', () => {
    const { asked, names } = readOptions([], known, usage);
    expect(asked).toMatchObject({ extent: 'short', minutes: undefined });
    expect(asked.seed >>> 0).toBe(asked.seed);
    expect(names).toEqual(known);
  });

  test('takes parts, the long form, a seed and minutes', () => {
    const { asked, names } = readOptions(['soak', '--long', '--seed', '7', '--minutes', '0.5'], known, usage);
    expect([asked, names]).toEqual([{ extent: 'long', seed: 7, minutes: 0.5 }, ['soak']]);
  });

  test.each([
    [['nonsense'], /no part nonsense/],
    [['--seed', 'x'], /--seed is a number/],
    [['--minutes', '-1'], /--minutes/],
    [['--quick'], /--quick/],
  ])('%s is told what is wrong with it', (args, message) => {
    expect(() => readOptions(args, known, usage)).toThrow(message);
  });
});
