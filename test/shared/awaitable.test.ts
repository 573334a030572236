import { expect, test } from 'vitest';
import { andFinally, andThen, isPending, orElse } from '../../shared/awaitable.ts';

const fault = new Error('fault');
const failing = () => {
  throw fault;
};
const failingLater = () => Promise.reject(fault);

test('what is here is gone on with at once, and what comes later when it comes', async () => {
  expect(andThen(1, (value) => value + 1)).toBe(2);
  const later = andThen(Promise.resolve(1), (value) => value + 1);
  expect([isPending(later), await later]).toEqual([true, 2]);
  const thenLater = andThen(1, async (value) => value + 1);
  expect([isPending(thenLater), await thenLater]).toEqual([true, 2]);
});

test('a failure is thrown where it happens at once, and rejects where it happens later', async () => {
  expect(() => andThen(1, failing)).toThrow(fault);
  await expect(andThen(Promise.resolve(1), failing)).rejects.toBe(fault);
  await expect(andThen(failingLater(), () => 1)).rejects.toBe(fault);
});

test('something else stands in for work that fails, at once or later', async () => {
  const told: unknown[] = [];
  const instead = (thrown: unknown) => (told.push(thrown), 'instead');
  expect(orElse(() => 'well', instead)).toBe('well');
  expect(orElse(failing, instead)).toBe('instead');
  expect(await orElse(failingLater, instead)).toBe('instead');
  expect(told).toEqual([fault, fault]);
});

test.each([
  ['at once', () => 'well', 'well'],
  ['later', async () => 'well', 'well'],
  ['in a failure', failing, fault],
  ['in a failure later', failingLater, fault],
])('what is to be done last is done once when the work has ended %s', async (_how, work, expected) => {
  for (const last of [() => {}, async () => {}]) {
    let done = 0;
    const outcome = await orElse<unknown>(
      () =>
        andFinally(work, () => {
          done++;
          return last();
        }),
      (thrown) => thrown,
    );
    expect([outcome, done]).toEqual([expected, 1]);
  }
});
