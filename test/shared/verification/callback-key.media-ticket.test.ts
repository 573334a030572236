import { expect, test } from 'vitest';
import { newReference } from '../../../shared/calls/uris.ts';
import { mediaTicket, mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import type { Purpose } from '../../../shared/verification/callback-key.ts';
import { judge } from '../../../shared/verification/check.ts';
import { manualClock } from '../../clock.ts';
import { brokenRing, ringOf, version } from '../../support/secret-versions.ts';
import { received } from '../../support/verdict.ts';

const clock = manualClock();
const times = { ttlSeconds: 3600, toleranceSeconds: 60, clock };
const [old, newest] = [version('old', 'of yesterday'), version('new', 'of today')];
const reference = newReference();

const judged = (
  purpose: Purpose,
  { signedBy = newest, expiresIn = 600, secret = ringOf(newest, old) } = {},
) => {
  const expires = clock.now() + expiresIn;
  const ticket = mintCallbackKey(signedBy, purpose, { reference, expires });
  const request = received({ url: `wss://media.example/media?ticket=${ticket}` });
  return judge(mediaTicket({ ...times, secret }), request, new AbortController().signal);
};

test.each(['media', 'transcription'] as const)('a ticket for %s is told by its MAC', async (purpose) => {
  const proof = { reference, referenceExpires: clock.now() + 600, purpose };
  expect(await judged(purpose)).toEqual({ outcome: 'accepted', proof });
  expect(await judged(purpose, { signedBy: old })).toEqual({ outcome: 'accepted', proof });
});

test.each([
  ['a callback key', 'callback', {}, 'callback-key-forged'],
  ['another secret', 'media', { signedBy: version('new', 'of an attacker') }, 'callback-key-forged'],
  ['an expired ticket', 'media', { expiresIn: 0 }, 'callback-key-expired'],
  ['an expired ticket', 'transcription', { expiresIn: 0 }, 'callback-key-expired'],
  ['a version that is not in force', 'media', { secret: ringOf(old) }, 'callback-key-unknown-id'],
] as const)('%s (%s) opens nothing', async (_what, purpose, change, reason) => {
  expect(await judged(purpose, change)).toEqual({ outcome: 'rejected', reason });
});

test.each(['media', 'transcription'] as const)('without the secret nobody can tell (%s)', async (purpose) => {
  expect(await judged(purpose, { secret: brokenRing() })).toEqual({
    outcome: 'unavailable',
    reason: 'callback-secret-unavailable',
  });
});
