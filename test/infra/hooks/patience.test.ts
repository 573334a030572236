import { expect, test } from 'vitest';
import { NotYet, patience, patiently } from '../../../infra/hooks/patience.ts';

function trying(outcomes: readonly (Error | string)[]) {
  const said: string[] = [];
  const waits: number[] = [];
  const left = [...outcomes];
  const attempt = async () => {
    const outcome = left.shift()!;
    if (typeof outcome === 'string') return outcome;
    throw outcome;
  };
  const wait = async (milliseconds: number) => waits.push(milliseconds);
  const patience = { tries: 3, pause: 7, wait, say: (line: string) => said.push(line) };
  return { result: patiently(attempt, patience), said, waits };
}

test('what is not yet there is tried again, with a pause and a word', async () => {
  const { result, said, waits } = trying([new NotYet('no role'), new NotYet('no role'), 'there']);
  await expect(result).resolves.toBe('there');
  expect(waits).toEqual([7, 7]);
  expect(said).toEqual(['no role; trying again (2 left)', 'no role; trying again (1 left)']);
});

test('the last failure is the answer', async () => {
  const { result, waits } = trying([new NotYet('1'), new NotYet('2'), new NotYet('3'), 'too late']);
  await expect(result).rejects.toThrow('3');
  expect(waits).toHaveLength(2);
});

test('what will never be is not tried again', async () => {
  const { result, waits } = trying([new Error('no right'), 'never']);
  await expect(result).rejects.toThrow('no right');
  expect(waits).toEqual([]);
});

test.each([15_000, 30_000])('with a pause of %i ms it goes on for ten minutes', (pause) => {
  expect((patience(pause).tries - 1) * pause).toBe(600_000);
});
