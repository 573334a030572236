import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import type { VaultHabits } from '../../../local/fakes/key-vault.ts';
import { Outage } from '../../../shared/errors.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { sharedKey } from '../../../shared/verification/shared-key.ts';
import { manualClock } from '../../clock.ts';
import { counted, tried } from '../../harden/extent.ts';
import { azureForThisProcess } from '../../support/azure.ts';
import { received, verdictOf } from '../../support/verdict.ts';

// A vault that answers in part: some pages, some values, some requests. The unmodified SDK over TLS, on a manual clock.
const MINUTE_MS = 60_000;
const never = new AbortController().signal;
const long = (text: string) => text.padEnd(32, '.');
const OUTAGE = { reason: 'callback-secret-unavailable' };
let azure: FakeAzure;
let secrets = 0;

beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());
const usual: Partial<VaultHabits> = {};
beforeEach(() => {
  Object.assign(usual, { ...azure.vault.habits, ...usual });
  Object.assign(azure.vault.habits, usual);
  azure.vault.play();
});

function newSecret() {
  const name = `partial-${++secrets}`;
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const notes: (readonly [level: string, event: string, fields: object])[] = [];
  const secret = vaultSecret({
    name,
    purpose: 'CALLBACK_KEY_SECRET',
    vault: keyVault(azure.vault.url, { inAzure: true, clientId: undefined }, clock),
    outage: 'callback-secret-unavailable',
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: (...note) => void notes.push(note),
  });
  const asked = () => azure.vault.requests().filter((path) => path.startsWith(`/secrets/${name}/`));
  return {
    name,
    clock,
    notes,
    secret,
    add: (value: string, properties = {}) => azure.vault.add(name, value, properties),
    values: () => asked().filter((path) => !path.endsWith('/versions')),
    lists: () => asked().filter((path) => path.endsWith('/versions')),
    texts: async () => (await secret.versions(never)).map(({ secret: bytes }) => String(bytes)),
    find: (id: string) => secret.find(id.slice(0, 8), never),
  };
}

test('a withdrawn version is refused at once, also where the value of the new version is refused', async () => {
  const { secret, add, clock, find } = newSecret();
  const stolen = add(long('stolen'), { created: 1 });
  expect(await find(stolen.id)).toHaveLength(1);
  stolen.enabled = false;
  const rotated = add(long('rotated'), { created: 2 });
  azure.vault.play('forbidden', { version: rotated.id });
  await clock.advance(4.6 * MINUTE_MS);
  await expect(find(stolen.id)).rejects.toMatchObject(OUTAGE);
  await expect(find(rotated.id)).rejects.toMatchObject(OUTAGE);
  await expect(secret.versions(never)).rejects.toMatchObject(OUTAGE);
  expect(secret.isAvailable()).toBe(false);
  azure.vault.play();
  await clock.advance(12_000);
  expect(await find(rotated.id)).toHaveLength(1);
});

test('of ten values one hangs: the others are used within two seconds, and it is asked for again', async () => {
  const { secret, add, clock, texts, find } = newSecret();
  const versions = Array.from({ length: 10 }, (_, created) => add(long(`version ${created}`), { created }));
  const [hanging, other] = [versions[4]!, versions[5]!];
  azure.vault.play('hang', { version: hanging.id });
  const first = texts();
  await expect.poll(() => azure.vault.open()).toBe(1);
  await clock.advance(2000);
  expect(await first).toHaveLength(9);
  expect([secret.isAvailable(), secret.isComplete()]).toEqual([true, false]);
  // Nobody waits for it a second time.
  expect(await texts()).toHaveLength(9);
  expect(await find(other.id)).toHaveLength(1);
  await expect(find(hanging.id)).rejects.toMatchObject(OUTAGE);
  await clock.advance(13_000);
  await expect.poll(() => azure.vault.open()).toBe(0);
  azure.vault.play();
  await clock.advance(12_000);
  expect(await texts()).toHaveLength(9);
  await expect.poll(() => secret.isComplete()).toBe(true);
  expect(await texts()).toHaveLength(10);
});

test('what fits none of the versions is an outage while the value of one is missing', async () => {
  const { secret, add, clock } = newSecret();
  const old = add(long('old'), { created: 1 });
  const { id, value } = add(long('new'), { created: 2 });
  azure.vault.play('forbidden', { version: id });
  const verdict = (key: string) =>
    verdictOf(sharedKey(secret), received({ headers: { 'x-ringward-key': key } }));
  expect(await verdict(old.value)).toBe('accepted');
  expect(await verdict(value)).toBe('shared-key-unavailable');
  azure.vault.play();
  await clock.advance(12_000);
  await verdict(old.value);
  await expect.poll(() => secret.isComplete()).toBe(true);
  expect(await verdict(value)).toBe('accepted');
  expect(await verdict('forged')).toBe('shared-key-wrong');
});

test('only the values of versions in force are asked for', async () => {
  azure.vault.habits.outOfTime = 'refused';
  const { add, values, texts } = newSecret();
  const good = add(long('good'), { created: 1 });
  add(long('disabled'), { created: 2, enabled: false });
  add(long('expired'), { created: 3, expires: 1 });
  add(long('coming'), { created: 4, notBefore: 4_000_000_000 });
  expect(await texts()).toEqual([long('good')]);
  expect(values()).toEqual([expect.stringContaining(good.id)]);
});

describe('pages', () => {
  test.each<Partial<VaultHabits>>([
    { lastPage: 'null' },
    { lastPage: 'empty-text' },
    { lastPage: 'no-member' },
    { lastPage: 'empty-page' },
    { pageSize: 1 },
    { challenge: 'scope-and-bare-bearer' },
  ])('a list as some vault writes it is read to its end: %j', async (habit) => {
    Object.assign(azure.vault.habits, habit);
    const { add, texts } = newSecret();
    for (let created = 1; created <= 30; created++) add(long(`version ${created}`), { created });
    expect(await texts()).toEqual(Array.from({ length: 10 }, (_, index) => long(`version ${30 - index}`)));
  });

  test('a page that links to itself is read forty times, and what it lists is used', async () => {
    azure.vault.habits.nextLink = 'to-itself';
    const { add, texts, lists } = newSecret();
    add(long('only'));
    expect(await texts()).toEqual([long('only')]);
    expect(lists()).toHaveLength(40);
  });

  test('no page is asked for at another host', async () => {
    Object.assign(azure.vault.habits, { nextLink: 'to-another-host', pageSize: 1 });
    const { add, texts, notes } = newSecret();
    add(long('one'));
    add(long('two'));
    await expect(texts()).rejects.toThrow(Outage);
    expect(notes.map(([, , fields]) => fields)).toMatchObject([
      { why: 'the vault lists its versions on another host' },
    ]);
  });

  test('a second page that hangs leaves no open request behind, however often it is asked for', async () => {
    azure.vault.habits.pageSize = 1;
    const { name, add, clock, secret } = newSecret();
    add(long('one'));
    add(long('two'));
    azure.vault.play('hang', { secret: name, page: 2 });
    // A round is 27 s: 134 are an hour.
    const rounds = counted({ test: 20, short: 134, long: 134 });
    for (let round = 0; round < rounds; round++) {
      const asked = secret.versions(never).catch((thrown: unknown) => thrown);
      await expect.poll(() => azure.vault.open()).toBe(1);
      await clock.advance(2000);
      expect(await asked).toBeInstanceOf(Outage);
      await clock.advance(13_000);
      await expect.poll(() => azure.vault.open()).toBe(0);
      await clock.advance(12_000);
    }
    expect(clock.sleepers()).toBe(0);
    tried({
      what: 'rounds of a second page that hangs, without an open request left',
      times: rounds,
      found: [],
    });
  });
});

test.each<VaultHabits['absent']>(['empty-page', 'not-found'])(
  'a secret that does not exist is listed as %s',
  async (absent) => {
    azure.vault.habits.absent = absent;
    const { texts, notes } = newSecret();
    await expect(texts()).rejects.toMatchObject(OUTAGE);
    expect(notes.map(([, , fields]) => fields)).toMatchObject([{ why: 'the vault has no such secret' }]);
  },
);

test('a version that a refresh under way fetches is found when it lands, without a cool-down', async () => {
  const { add, clock, find, texts, lists } = newSecret();
  add(long('old'), { created: 1 });
  await texts();
  expect(await find('unknown0')).toEqual([]);
  await clock.advance(2 * MINUTE_MS + 1);
  const rotated = add(long('new'), { created: 2 });
  azure.vault.habits.latencyMs = 50;
  // Starts the refresh, and does not wait for it.
  expect(await texts()).toEqual([long('old')]);
  expect(await find(rotated.id)).toHaveLength(1);
  expect(lists()).toHaveLength(3);
});

test('a slow vault comes up: requests go on behind those who gave up, and the client keeps its challenge', async () => {
  azure.vault.habits.latencyMs = 100;
  const { add, clock, secret } = newSecret();
  add(long('only'));
  const before = azure.vault.attempts();
  const asked = secret.versions(never).catch((thrown: unknown) => thrown);
  await clock.advance(2000);
  expect(await asked).toBeInstanceOf(Outage);
  // The challenge, the list and one value.
  await expect.poll(() => secret.isAvailable()).toBe(true);
  expect(azure.vault.attempts() - before).toBe(3);
  expect(await secret.versions(never)).toHaveLength(1);
});

test('a token that the vault refuses is renewed at once', async () => {
  const { add, clock, texts, find, notes } = newSecret();
  add(long('old'), { created: 1 });
  await texts();
  azure.identity.revoke();
  const rotated = add(long('new'), { created: 2 });
  await clock.advance(MINUTE_MS);
  expect(await find(rotated.id)).toHaveLength(1);
  expect(notes).toEqual([]);
});

test('a vault that refuses every token is asked once an attempt', async () => {
  const { add, clock, secret, texts } = newSecret();
  add(long('only'));
  await texts();
  azure.vault.play('unauthorized');
  await clock.advance(5 * MINUTE_MS);
  const before = azure.vault.attempts();
  // The first attempt sends the refused token and a new one.
  for (let attempt = 0; attempt < 5; attempt++) {
    await secret.versions(never);
    await clock.advance(12_000);
  }
  expect(azure.vault.attempts() - before).toBe(6);
  azure.vault.play();
  expect(await texts()).toEqual([long('only')]);
});

test('while every version is unusable it is not available, and back soon after one is enabled', async () => {
  const { add, clock, secret, lists } = newSecret();
  const only = add(long('only'), { enabled: false });
  await secret.warm();
  expect(secret.isAvailable()).toBe(false);
  for (let second = 0; second < 60; second++) {
    await secret.warm();
    await clock.advance(1000);
  }
  expect(lists().length).toBeLessThanOrEqual(7);
  only.enabled = true;
  await clock.advance(10_000);
  await secret.warm();
  expect(secret.isAvailable()).toBe(true);
});
