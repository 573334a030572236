import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SecretVersions } from '../../../shared/secrets/versions.ts';
import { isReference } from '../../../shared/calls/uris.ts';
import { callbackKey, mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import type { Purpose } from '../../../shared/verification/callback-key.ts';
import { judge } from '../../../shared/verification/check.ts';
import { manualClock } from '../../clock.ts';
import { brokenRing, ringOf, version } from '../../support/secret-versions.ts';
import { received, verdictOf } from '../../support/verdict.ts';
import { anyText } from '../../support/text.ts';

const NOW = 1_800_000_000;
const TTL = 86_400;
const TOLERANCE = 60;
const REFERENCE = 'abcdefghijklmnopqrstuQ';
const SECRET = 'the secret of the app';
const current = version('dev', SECRET);

/** The format as documented, worked out without Ringward. */
function mac(
  change: {
    kid?: string;
    purpose?: string;
    reference?: string;
    expires?: number | string;
    secret?: string;
  } = {},
) {
  const {
    kid = 'dev',
    purpose = 'callback',
    reference = REFERENCE,
    expires = NOW + 3600,
    secret = SECRET,
  } = change;
  const digest = createHmac('sha256', secret)
    .update(`v1.${kid}.${purpose}.${reference}.${expires}`)
    .digest('base64url');
  return `v1.${kid}.${reference}.${expires}.${digest}`;
}

function door(change: { secrets?: SecretVersions; purpose?: Purpose; now?: number } = {}) {
  const { secrets = ringOf(current), purpose = 'callback', now = NOW } = change;
  const clock = manualClock(now);
  const check = callbackKey({
    secret: secrets,
    purpose,
    ttlSeconds: TTL,
    toleranceSeconds: TOLERANCE,
    clock,
  });
  return {
    check,
    at: (query: string) => verdictOf(check, received({ url: `https://app.example/api/callbacks?${query}` })),
  };
}
const keyed = (key: string) => new URLSearchParams({ key }).toString();
const verdict = (key: string, change = {}) => door(change).at(keyed(key));

test('a key minted elsewhere by the documented format opens the door, and proves its reference', async () => {
  const request = received({ url: `https://app.example/?key=${mac()}` });
  expect(await judge(door().check, request, new AbortController().signal)).toEqual({
    outcome: 'accepted',
    proof: { reference: REFERENCE, referenceExpires: NOW + 3600 },
  });
});

test('what Ringward mints is the documented format', () => {
  const reference = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('base64url'));
  const purpose = fc.constantFrom('callback', 'media', 'transcription');
  fc.assert(
    fc.property(
      reference,
      purpose,
      fc.integer({ min: 1, max: 999_999_999_999 }),
      fc.string(),
      (reference, purpose, expires, secret) => {
        expect(mintCallbackKey(version('1a2b3c4d', secret), purpose, { reference, expires })).toBe(
          mac({ kid: '1a2b3c4d', purpose, reference, expires, secret }),
        );
      },
    ),
  );
});

test('the other parameters of the URI and their spelling have no say', async () => {
  const spelledOut = mac().replaceAll('.', '%2E');
  for (const query of [
    `a=1&key=${mac()}&Key=2`,
    `key=${spelledOut}`,
    `ticket=x&key=${mac()}`,
    `key=${mac()}#key=2`,
  ]) {
    expect(await door().at(query)).toBe('accepted');
  }
});

test.each<[string, string, string]>([
  ['no key', 'a=1', 'callback-key-missing'],
  ['a key in another parameter', `ticket=${mac()}`, 'callback-key-missing'],
  ['a key in a parameter of another case', `Key=${mac()}`, 'callback-key-missing'],
  ['a key behind the fragment', `a=1#key=${mac()}`, 'callback-key-missing'],
  ['two keys', `key=${mac()}&key=${mac()}`, 'callback-key-repeated'],
  ['a good key before an empty one', `key=${mac()}&key=`, 'callback-key-repeated'],
  ['a bad key before a good one', `key=x&key=${mac()}`, 'callback-key-repeated'],
  [
    'a key behind a repeated name in another spelling',
    `%6Bey=${mac()}&key=${mac()}`,
    'callback-key-repeated',
  ],
  ['an empty key', 'key=', 'callback-key-malformed'],
  ['keys joined by a comma', `key=${mac()},${mac()}`, 'callback-key-malformed'],
  ['white space before the key', `key=%20${mac()}`, 'callback-key-malformed'],
  ['white space behind the key', `key=${mac()}%0A`, 'callback-key-malformed'],
  ['a null behind the key', `key=${mac()}%00`, 'callback-key-malformed'],
])('%s is refused', async (_what, query, reason) => {
  expect(await door().at(query)).toBe(reason);
});

test.each<[string, string, string]>([
  ['another version of the format', mac().replace('v1', 'v2'), 'callback-key-malformed'],
  ['a version in capitals', mac().replace('v1', 'V1'), 'callback-key-malformed'],
  ['no key id', mac({ kid: '' }), 'callback-key-malformed'],
  ['a key id of nine characters', mac({ kid: 'developer' }), 'callback-key-malformed'],
  ['a reference of 21 characters', mac({ reference: REFERENCE.slice(1) }), 'callback-key-malformed'],
  ['a reference of 23 characters', mac({ reference: `A${REFERENCE}` }), 'callback-key-malformed'],
  [
    'a reference with unused bits',
    mac({ reference: `${REFERENCE.slice(0, -1)}R` }),
    'callback-key-malformed',
  ],
  ['an expiry that begins with zero', mac({ expires: `0${NOW + 3600}` }), 'callback-key-malformed'],
  ['an expiry with a sign', mac({ expires: `+${NOW + 3600}` }), 'callback-key-malformed'],
  ['a negative expiry', mac({ expires: -1 }), 'callback-key-malformed'],
  ['an expiry with a fraction', mac({ expires: `${NOW + 3600}.5` }), 'callback-key-malformed'],
  ['an expiry with an exponent', mac({ expires: '18e8' }), 'callback-key-malformed'],
  ['an expiry in hexadecimal', mac({ expires: `0x${(NOW + 3600).toString(16)}` }), 'callback-key-malformed'],
  ['an expiry of 13 digits', mac({ expires: (NOW + 3600) * 1000 }), 'callback-key-malformed'],
  ['digits of another script', mac({ expires: '١٨٠٠٠٠٣٦٠٠' }), 'callback-key-malformed'],
  ['no MAC', mac().slice(0, mac().lastIndexOf('.') + 1), 'callback-key-malformed'],
  ['a MAC cut short', mac().slice(0, -1), 'callback-key-malformed'],
  ['a MAC with padding', `${mac()}=`, 'callback-key-malformed'],
  ['a sixth part', `${mac()}.A`, 'callback-key-malformed'],
  ['a key id that is not in force', mac({ kid: '1a2b3c4d' }), 'callback-key-unknown-id'],
  ['a key id of every object', mac({ kid: '__proto_' }), 'callback-key-unknown-id'],
  ['another secret', mac({ secret: 'guessed' }), 'callback-key-forged'],
  ['an empty secret', mac({ secret: '' }), 'callback-key-forged'],
  ['a key for media', mac({ purpose: 'media' }), 'callback-key-forged'],
  ['a key for transcription', mac({ purpose: 'transcription' }), 'callback-key-forged'],
  ['a key for no purpose', mac({ purpose: '' }), 'callback-key-forged'],
  ['an expiry that has passed', mac({ expires: NOW - 1 }), 'callback-key-expired'],
  ['an expiry that is now', mac({ expires: NOW }), 'callback-key-expired'],
  ['an expiry too far ahead', mac({ expires: NOW + TTL + TOLERANCE + 1 }), 'callback-key-too-far-ahead'],
  [
    'an expiry as far ahead as can be written',
    mac({ expires: 999_999_999_999 }),
    'callback-key-too-far-ahead',
  ],
])('a key with %s is refused', async (_what, key, reason) => {
  expect(await verdict(key)).toBe(reason);
});

test.each([
  ['in its last second', NOW + 1],
  ['as far ahead as the tolerance allows', NOW + TTL + TOLERANCE],
])('a key is accepted %s', async (_when, expires) => {
  expect(await verdict(mac({ expires }))).toBe('accepted');
});

test('a key of another form or of a forger is not told whether its time is right', async () => {
  expect(await verdict(mac({ expires: NOW - 1, secret: 'guessed' }))).toBe('callback-key-forged');
  expect(await verdict(mac({ expires: NOW - 1, kid: 'unknown' }))).toBe('callback-key-unknown-id');
});

test('unused bits in the MAC are refused, all three spellings of them', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(mac().slice(-1));
  for (const spare of [1, 2, 3]) {
    expect(await verdict(mac().slice(0, -1) + alphabet.charAt(last + spare))).toBe('callback-key-malformed');
  }
});

test('any change to a key is refused', async () => {
  const key = mac();
  const character = fc.oneof(
    fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'),
    anyText({ minLength: 1, maxLength: 1 }),
  );
  const edit = fc.record({
    at: fc.nat(key.length),
    remove: fc.nat(1),
    insert: fc.oneof(fc.constant(''), character),
  });
  const { at: verdictAt } = door();
  await fc.assert(
    fc.asyncProperty(edit, async ({ at, remove, insert }) => {
      const changed = key.slice(0, at) + insert + key.slice(at + remove);
      expect(await verdictAt(keyed(changed))).toMatch(
        changed === key ? /^accepted$/ : /^callback-key-(malformed|unknown-id|forged)$/,
      );
    }),
    { numRuns: 3000 },
  );
});

test('every version in force verifies, and one that is taken out no longer does', async () => {
  const [newer, older] = [version('22222222', 'newer'), version('11111111', 'older')];
  const byOlder = mac({ kid: '11111111', secret: 'older' });
  expect(await verdict(mac({ kid: '22222222', secret: 'newer' }), { secrets: ringOf(newer, older) })).toBe(
    'accepted',
  );
  expect(await verdict(byOlder, { secrets: ringOf(newer, older) })).toBe('accepted');
  expect(await verdict(byOlder, { secrets: ringOf(newer) })).toBe('callback-key-unknown-id');
});

test('the secret of one version does not open under the id of another', async () => {
  const secrets = ringOf(version('22222222', 'newer'), version('11111111', 'older'));
  expect(await verdict(mac({ kid: '22222222', secret: 'older' }), { secrets })).toBe('callback-key-forged');
});

test('of two versions whose ids begin alike, both verify', async () => {
  const secrets = ringOf(version('11111111', 'newer'), version('11111111', 'older'));
  for (const secret of ['newer', 'older'])
    expect(await verdict(mac({ kid: '11111111', secret }), { secrets })).toBe('accepted');
});

test.each<[Purpose, 'key' | 'ticket']>([
  ['callback', 'key'],
  ['media', 'ticket'],
  ['transcription', 'ticket'],
])('a check for %s takes keys of that purpose alone, from its own parameter', async (purpose, parameter) => {
  for (const minted of ['callback', 'media', 'transcription']) {
    const { at } = door({ purpose });
    const expected = minted === purpose ? 'accepted' : 'callback-key-forged';
    expect(await at(`${parameter}=${mac({ purpose: minted })}`)).toBe(expected);
  }
});

test('while the secret cannot be had nothing is refused that may be genuine, and everything that cannot be', async () => {
  const secrets = brokenRing();
  expect(await verdict(mac(), { secrets })).toBe('callback-secret-unavailable');
  expect(await verdict(mac({ secret: 'guessed' }), { secrets })).toBe('callback-secret-unavailable');
  expect(await verdict('v1', { secrets })).toBe('callback-key-malformed');
});

test('an unexpected failure of the secret is no outage', async () => {
  expect(await verdict(mac(), { secrets: brokenRing(new Error('surprise')) })).toBe('check-threw');
});

test('a reference is 22 characters of canonical base64url and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(isReference(Buffer.from(bytes).toString('base64url'))).toBe(true);
    }),
  );
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{22}$/));
  fc.assert(
    fc.property(text, (reference) => {
      const bytes = Buffer.from(reference, 'base64url');
      expect(isReference(reference)).toBe(bytes.length === 16 && bytes.toString('base64url') === reference);
    }),
    { numRuns: 1000 },
  );
});
