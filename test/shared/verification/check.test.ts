import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outage, Rejection, reject } from '../../../shared/errors.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { OutageReason, RejectionReason } from '../../../shared/reasons.ts';
import { judge } from '../../../shared/verification/check.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { received } from '../../support/verdict.ts';

const signal = new AbortController().signal;
const verdictOf = (run: Check['run']) => judge({ name: 'check', run }, received(), signal);
const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};

test('what a check returns is the proof', async () => {
  const proof = { reference: 'AAAAAAAAAAAAAAAAAAAAAA' };
  expect(await verdictOf(async () => proof)).toEqual({ outcome: 'accepted', proof });
  expect(await verdictOf(() => proof as never)).toEqual({ outcome: 'accepted', proof });
});

test('a check is given the request and the signal as they are', async () => {
  const request = received({ body: '\u0000raw' });
  const given: unknown[] = [];
  await judge(
    { name: 'check', run: async (...parameters) => (given.push(...parameters), {}) },
    request,
    signal,
  );
  expect(given[0]).toBe(request);
  expect(given[1]).toBe(signal);
});

const answers = Object.entries(reasons);
const outages = answers
  .filter(([, { answer }]) => answer === 'unavailable')
  .map(([reason]) => reason as OutageReason);
const rejections = answers
  .filter(([, { answer }]) => answer === 'unauthorized' || answer === 'forbidden')
  .map(([reason]) => reason as RejectionReason);

test.each(outages)('an outage is unavailable, thrown or rejected: %s', async (reason) => {
  const expected = { outcome: 'unavailable', reason };
  expect(await verdictOf(throwing(new Outage(reason)))).toEqual(expected);
  expect(await verdictOf(() => Promise.reject(new Outage(reason)))).toEqual(expected);
});

test.each(rejections)('a rejection is a refusal, thrown or rejected: %s', async (reason) => {
  const expected = { outcome: 'rejected', reason };
  expect(await verdictOf(() => reject(reason))).toEqual(expected);
  expect(await verdictOf(() => Promise.reject(new Rejection(reason)))).toEqual(expected);
});

class LooksLikeAnOutage extends Error {
  override readonly name = 'Outage';
  readonly reason = 'keys-unavailable';
}

test.each<[string, unknown]>([
  ['an error', new Error('surprise')],
  ['an error that calls itself an outage', new LooksLikeAnOutage('keys-unavailable')],
  ['an object that looks like an outage', { name: 'Outage', reason: 'keys-unavailable' }],
  ['a verdict', { outcome: 'accepted', proof: {} }],
  ['an error caused by an outage', new Error('surprise', { cause: new Outage('keys-unavailable') })],
  ['the abort of a signal', AbortSignal.abort().reason],
  ['text', 'keys-unavailable'],
  ['null', null],
  ['nothing', undefined],
  ['an object without a prototype', Object.create(null)],
])('whatever else a check throws is a refusal: %s', async (_what, thrown) => {
  const expected = { outcome: 'rejected', reason: 'check-threw' };
  expect(await verdictOf(throwing(thrown))).toEqual(expected);
  expect(await verdictOf(() => Promise.reject(thrown))).toEqual(expected);
});

test('nothing that can be thrown is accepted or unavailable', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything({ withNullPrototype: true }), async (thrown) => {
      expect(await verdictOf(throwing(thrown))).toEqual({ outcome: 'rejected', reason: 'check-threw' });
    }),
  );
});

test('a check that is pending is no proof, whatever promise it returns and whoever replaced the class of promises', async () => {
  const { signal } = new AbortController();
  const native = globalThis.Promise;
  const foreign: Check = { name: 'foreign', run: () => runInNewContext('Promise.reject(new Error("no"))') };
  const own: Check = { name: 'own', run: async () => reject('shared-key-wrong') };
  globalThis.Promise = class Replaced<T> extends native<T> {} as PromiseConstructor;
  try {
    const verdicts = [judge(foreign, received(), signal), judge(own, received(), signal)];
    expect([await verdicts[0], await verdicts[1]]).toEqual([
      { outcome: 'rejected', reason: 'check-threw' },
      { outcome: 'rejected', reason: 'shared-key-wrong' },
    ]);
  } finally {
    globalThis.Promise = native;
  }
});
