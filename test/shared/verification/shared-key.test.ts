import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import { sharedKey } from '../../../shared/verification/shared-key.ts';
import { brokenRing, ringOf, version } from '../../support/secret-versions.ts';
import { received, verdictOf } from '../../support/verdict.ts';

const secret = ringOf(version('new', 'the new key'), version('old', 'the old key'));
const verdict = (header: string | undefined, query = '', of = secret) =>
  verdictOf(
    sharedKey(of),
    received({
      url: `https://app.example/api/events/incoming-call${query}`,
      headers: header === undefined ? {} : { 'x-ringward-key': header },
    }),
  );

test.each([
  ['the newest version in the header', 'the new key', ''],
  ['an older one, so that a rotation drops nothing', 'the old key', ''],
  ['the key in the query', undefined, '?key=the%20new%20key'],
  ['the right header beside another query', 'the new key', '?key=wrong'],
])('%s is accepted', async (_what, header, query) => {
  expect(await verdict(header, query)).toBe('accepted');
});

test.each([
  ['nothing', undefined, '', 'shared-key-missing'],
  ['a key under another name', undefined, '?code=the%20new%20key', 'shared-key-missing'],
  ['an empty header', '', '', 'shared-key-wrong'],
  ['an empty query', undefined, '?key=', 'shared-key-wrong'],
  ['a prefix', 'the new ke', '', 'shared-key-wrong'],
  ['the key and more', 'the new key!', '', 'shared-key-wrong'],
  ['another case', 'THE NEW KEY', '', 'shared-key-wrong'],
  ['a repeated header', 'the new key, the new key', '', 'shared-key-wrong'],
  ['a repeated query', undefined, '?key=the%20new%20key&key=the%20new%20key', 'shared-key-wrong'],
  ['a wrong header beside the right query', 'wrong', '?key=the%20new%20key', 'shared-key-wrong'],
])('%s is refused', async (_what, header, query, reason) => {
  expect(await verdict(header, query)).toBe(reason);
});

test.each([
  ['as it was pasted', '?key=a+b/c=='],
  ['percent-encoded', '?key=a%2Bb%2Fc%3D%3D'],
])('a key in base64 is accepted %s', async (_how, query) => {
  const base64 = ringOf(version('new', 'a+b/c=='));
  expect(await verdict(undefined, query, base64)).toBe('accepted');
  expect(await verdict(undefined, query, ringOf(version('new', 'a b/c==')))).toBe('shared-key-wrong');
});

test('a version that is no longer in force is refused', async () => {
  expect(await verdict('the old key', '', ringOf(version('new', 'the new key')))).toBe('shared-key-wrong');
});

test('a vault that cannot be reached is an outage, and asked only for somebody who brings a key', async () => {
  const broken = brokenRing(new Outage('shared-key-unavailable'));
  expect(await verdict('any', '', broken)).toBe('shared-key-unavailable');
  expect(await verdict(undefined, '', broken)).toBe('shared-key-missing');
});

test('a key that fits none is final only where the vault has told all of its versions', async () => {
  const incomplete = { ...secret, isComplete: () => false };
  expect(await verdict('a new version', '', incomplete)).toBe('shared-key-unavailable');
  expect(await verdict('the new key', '', incomplete)).toBe('accepted');
});
