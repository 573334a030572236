import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onOriginalUri } from '../../../shared/verification/callback-key.ts';
import { reject } from '../../../shared/errors.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { anyText } from '../../support/text.ts';
import { received, verdictOf } from '../../support/verdict.ts';

/** Looks for a key in the URL that it is given. */
const keyed: Check = {
  name: 'keyed',
  run: async ({ url }) => (url.searchParams.get('key') === 'right' ? {} : reject('callback-key-missing')),
};
const asked = (target?: string, own = 'https://app.example/api/authorize?for=callback') =>
  verdictOf(
    onOriginalUri(keyed),
    received({ url: own, headers: target === undefined ? {} : { 'x-original-uri': target } }),
  );

test('the check sees the URI that the proxy was asked for, and not the one that it asks itself', async () => {
  expect(await asked('/calls?key=right')).toBe('accepted');
  expect(await asked('/calls?key=wrong', 'https://app.example/?key=right')).toBe('callback-key-missing');
});

test('without that URI the check is not made', async () => {
  expect(await asked()).toBe('accepted');
});

test.each([
  '/calls?key=right&z=, /calls',
  '/calls?key=right,/calls',
  'calls?key=right',
  '?key=right',
  'https://app.example/calls?key=right',
  '/calls?key=right HTTP/1.1',
  '/cälls?key=right',
])('%j is not what one proxy was asked for', async (target) => {
  expect(await asked(target)).toBe('original-uri-malformed');
});

test('the host that a target may seem to name does not matter', async () => {
  expect(await asked('//evil.example/calls?key=right')).toBe('accepted');
  expect(await asked('/\\evil.example?key=wrong')).toBe('callback-key-missing');
});

test('whatever is passed on, it is refused or read as it stands', () => {
  const query = fc.stringMatching(/^[a-z0-9=&.%_-]{0,30}$/);
  const path = fc.stringMatching(/^\/[a-z0-9/._~%:@!$&'()*+;=-]{0,20}$/);
  return fc.assert(
    fc.asyncProperty(
      fc.oneof(
        anyText(),
        fc.tuple(path, query).map(([path, query]) => `${path}?${query}`),
      ),
      async (target) => {
        let seen: string[][] | undefined;
        const look: Check = { name: 'look', run: async ({ url }) => ((seen = [...url.searchParams]), {}) };
        const request = { ...received(), headers: { get: () => target } };
        const verdict = await verdictOf(onOriginalUri(look), request);
        const [, asIs = ''] = /^[^?#]*\?([^#]*)/.exec(target) ?? [];
        if (verdict === 'accepted') expect(seen).toEqual([...new URLSearchParams(asIs)]);
        else expect([verdict, seen]).toEqual(['original-uri-malformed', undefined]);
      },
    ),
    { numRuns: 1000 },
  );
});
