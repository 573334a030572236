import { afterAll, beforeAll, expect, test } from 'vitest';
import { hs256 } from '../../../local/fakes/token.ts';
import { newVonage, sampleBody } from '../../../local/providers/vonage/project.ts';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import type { Secrets } from '../../../shared/secrets/create-secrets.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { manualClock } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { received, verdictOf } from '../../support/verdict.ts';
import { vonageWith } from '../../support/vonage.ts';

// A project whose secrets live in a vault that is played, over days of a clock that is moved.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const long = (text: string) => text.padEnd(32, '.');
let azure: FakeAzure;

beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());

function project() {
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const vonage = newVonage({ secretOf: () => '' });
  const vault = keyVault(azure.vault.url, { inAzure: true, clientId: undefined });
  const notes: string[] = [];
  const note = (_level: string, event: string) => void notes.push(event);
  const fresh = { vault, maxStaleSeconds: 86_400, clock, random: () => 0, note };
  const secrets: Secrets = {
    named: () => undefined,
    required: (name, purpose, outage) => vaultSecret({ ...fresh, name, purpose, outage }),
    optional: (name, purpose, outage) => vaultSecret({ ...fresh, name, purpose, outage, mayBeAbsent: true }),
  };
  const { check } = vonageWith({ projects: vonage.apiKey, secrets, clock });
  return {
    clock,
    notes,
    apiKey: vonage.apiKey,
    addSecret: (value: string, kind?: string) =>
      azure.vault.add(`vonage-${vonage.apiKey}${kind ? `-${kind}` : ''}`, long(value), {
        created: clock.now(),
      }),
    /** What becomes of a callback that Vonage signs with a secret; its token was made so many seconds ago. */
    verdict(secret: string, secondsAgo = 0) {
      const body = sampleBody('sip');
      const token = hs256(vonage.header(), vonage.claims(body, clock.now() - secondsAgo), long(secret));
      return verdictOf(check('sip'), received({ headers: { authorization: `Bearer ${token}` }, body }));
    },
  };
}

test('a rotation loses nothing: the new secret at Vonage half an hour later, retries signed with the old for a day', async () => {
  const { clock, addSecret, verdict } = project();
  const old = addSecret('old', 'sip');
  expect(await verdict('old')).toBe('accepted');
  addSecret('new', 'sip');
  await clock.advance(5 * MINUTE);
  const verdicts: string[] = [];
  for (let minutes = 0; minutes < 24.5 * 60; minutes += 30) {
    // Vonage takes up to thirty minutes to sign with what was set there.
    if (minutes >= 30) verdicts.push(await verdict('new'));
    verdicts.push(await verdict('old', Math.min(minutes * 60, 86_400)));
    await clock.advance(30 * MINUTE);
  }
  expect(new Set(verdicts)).toEqual(new Set(['accepted']));
  old.enabled = false;
  await clock.advance(5 * MINUTE);
  expect([await verdict('new'), await verdict('old')]).toEqual(['accepted', 'token-signature']);
});

test('a secret of the kind takes the place of the one of the project, whether it is enabled or not', async () => {
  const { clock, addSecret, verdict } = project();
  addSecret('project');
  expect(await verdict('project')).toBe('accepted');
  const ofKind = addSecret('kind', 'sip');
  await clock.advance(5 * MINUTE);
  expect([await verdict('kind'), await verdict('project')]).toEqual(['accepted', 'token-signature']);
  ofKind.enabled = false;
  await clock.advance(24 * HOUR + MINUTE);
  expect(await verdict('project')).toBe('vonage-secret-unavailable');
});

test('deleting the secret of a kind withdraws nothing: the one of the project opens the kind, which the log says once', async () => {
  const { clock, addSecret, verdict, notes, apiKey } = project();
  addSecret('project');
  addSecret('kind', 'sip');
  expect([await verdict('kind'), await verdict('project')]).toEqual(['accepted', 'token-signature']);
  azure.vault.delete(`vonage-${apiKey}-sip`);
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await clock.advance(5 * MINUTE);
    expect(await verdict('project')).toBe('accepted');
  }
  expect(notes.filter((event) => event === 'secret-gone')).toHaveLength(1);
  azure.vault.recover(`vonage-${apiKey}-sip`);
  await clock.advance(5 * MINUTE);
  expect([await verdict('kind'), await verdict('project')]).toEqual(['accepted', 'token-signature']);
});

test('a token that fits no known version is an outage while the value of one is missing', async () => {
  const { clock, addSecret, verdict } = project();
  addSecret('old', 'sip');
  const { id } = addSecret('new', 'sip');
  azure.vault.play('forbidden', { version: id });
  expect([await verdict('old'), await verdict('new')]).toEqual(['accepted', 'vonage-secret-unavailable']);
  azure.vault.play();
  await clock.advance(12_000);
  await expect.poll(() => verdict('new')).toBe('accepted');
  expect(await verdict('forged')).toBe('token-signature');
});

test('the vault being down costs nothing for a day, and after it is an outage', async () => {
  const { clock, addSecret, verdict } = project();
  addSecret('only', 'sip');
  expect(await verdict('only')).toBe('accepted');
  await azure.vault.down();
  try {
    for (let hours = 0; hours < 23; hours++) {
      await clock.advance(HOUR);
      expect(await verdict('only')).toBe('accepted');
    }
    await clock.advance(2 * HOUR);
    expect(await verdict('only')).toBe('vonage-secret-unavailable');
  } finally {
    await azure.vault.up();
  }
});

test('a project without any secret is an outage of ours', async () => {
  expect(await project().verdict('any')).toBe('vonage-secret-unavailable');
});
