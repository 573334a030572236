import { expect, test } from 'vitest';
import { callbackUris, newReference } from '../../../shared/calls/uris.ts';
import type { SecretVersions } from '../../../shared/secrets/versions.ts';
import { callbackKey } from '../../../shared/verification/callback-key.ts';
import { manualClock } from '../../clock.ts';
import { brokenRing, ringOf, version } from '../../support/secret-versions.ts';
import { received, verdictOf } from '../../support/verdict.ts';

const TTL = 3600;
const REFERENCE = 'abcdefghijklmnopqrstuQ';
const newest = version('22222222', 'newest');
const older = version('11111111', 'older');

function minter(change: { baseUrl?: string | undefined; secret?: SecretVersions } = {}) {
  const clock = manualClock(1_800_000_000.75);
  const options = {
    baseUrl: 'https://app.example/base',
    secret: ringOf(newest, older),
    ttlSeconds: TTL,
    clock,
    ...change,
  };
  const check = callbackKey({ ...options, purpose: 'callback', toleranceSeconds: 0 });
  return {
    clock,
    callbackUri: callbackUris({ ...options, baseUrl: options.baseUrl }),
    verdict: (url: string) => verdictOf(check, received({ url })),
  };
}

test('a minted URI leads to the route of the callbacks and is accepted there until it expires', async () => {
  const { clock, callbackUri, verdict } = minter();
  const uri = await callbackUri();
  expect(uri).toMatch(/^https:\/\/app\.example\/base\/api\/callbacks\/call-automation\?key=v1\.[\w.-]+$/);
  expect(await verdict(uri)).toBe('accepted');
  clock.step(TTL - 1);
  expect(await verdict(uri)).toBe('accepted');
  clock.step(1);
  expect(await verdict(uri)).toBe('callback-key-expired');
});

test('the newest version signs', async () => {
  const { callbackUri } = minter();
  expect(new URL(await callbackUri()).searchParams.get('key')).toMatch(/^v1\.22222222\./);
});

test('the same call gets the same reference, and every new call one of its own', async () => {
  const { callbackUri } = minter();
  const referenceOf = (uri: string) => new URL(uri).searchParams.get('key')?.split('.')[2];
  expect(referenceOf(await callbackUri(REFERENCE))).toBe(REFERENCE);
  const references = await Promise.all(
    Array.from({ length: 100 }, async () => referenceOf(await callbackUri())),
  );
  expect(new Set(references).size).toBe(100);
});

test('a new reference is 128 bits, none of them the same each time', () => {
  const ones = new Uint8Array(16);
  const zeros = new Uint8Array(16);
  for (let turn = 0; turn < 200; turn++) {
    const bytes = Buffer.from(newReference(), 'base64url');
    expect(bytes).toHaveLength(16);
    for (const [index, byte] of bytes.entries()) {
      ones[index] = (ones[index] ?? 0) | byte;
      zeros[index] = (zeros[index] ?? 0) | ~byte;
    }
  }
  expect([...ones, ...zeros].every((bits) => bits === 0xff)).toBe(true);
});

test.each([
  '',
  'short',
  `${REFERENCE}A`,
  `${REFERENCE.slice(0, -1)}R`,
  `${REFERENCE.slice(0, -3)}.&=`,
  '../../../../../../../..',
])('the reference %j is none of ours, so no URI is minted for it', async (reference) => {
  await expect(minter().callbackUri(reference)).rejects.toThrow('22 characters');
});

test.each([undefined, ''])(
  'without a base URL the error says which setting is missing: %j',
  async (baseUrl) => {
    await expect(minter({ baseUrl }).callbackUri()).rejects.toThrow('CALLBACK_BASE_URL');
  },
);

test('while the secret cannot be had nothing is minted', async () => {
  await expect(minter({ secret: brokenRing() }).callbackUri()).rejects.toMatchObject({
    name: 'Outage',
    reason: 'callback-secret-unavailable',
  });
});
