import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FakeAzure } from '../../../local/fakes/azure.ts';
import { faults } from '../../../local/fakes/faults.ts';
import type { Fault } from '../../../local/fakes/faults.ts';
import type { StoredVersion } from '../../../local/fakes/key-vault.ts';
import { Outage } from '../../../shared/errors.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import type { Vault } from '../../../shared/secrets/key-vault.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import { manualClock } from '../../clock.ts';
import { azureForThisProcess } from '../../support/azure.ts';

// The unmodified SecretClient over TLS to a vault that is played, on a clock that tests move.
const MINUTE = 60_000;
const DAY_SECONDS = 86_400;
/** What the log calls a secret, whose name may be a secret itself. */
const PURPOSE = 'CALLBACK_KEY_SECRET';
const never = new AbortController().signal;
let azure: FakeAzure;
let secrets = 0;

beforeAll(async () => {
  azure = await azureForThisProcess();
});
afterAll(() => azure.close());
beforeEach(async () => {
  azure.vault.play();
  await azure.vault.up();
});

/** A ring of a secret of its own. */
function ringOf(name = `secret-${++secrets}`) {
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const notes: string[] = [];
  const ring = vaultSecret({
    name,
    purpose: PURPOSE,
    vault: keyVault(azure.vault.url, { inAzure: true, clientId: undefined }),
    outage: 'callback-secret-unavailable',
    maxStaleSeconds: DAY_SECONDS,
    clock,
    random: () => 0,
    note: (...note) => notes.push(JSON.stringify(note)),
  });
  const asked = () => azure.vault.requests().filter((path) => path.startsWith(`/secrets/${name}/`));
  return {
    ring,
    clock,
    notes,
    add: (value: string, properties = {}) => azure.vault.add(name, value, properties),
    listings: () => asked().filter((path) => path.endsWith('/versions')).length,
    values: () => asked().filter((path) => !path.endsWith('/versions')).length,
  };
}

const kidOf = ({ id }: { id: string }) => id.slice(0, 8);
const texts = (versions: readonly { secret: Uint8Array }[]) => versions.map(({ secret }) => String(secret));
const long = (text: string) => text.padEnd(32, '.');

describe('the versions of a secret', () => {
  test('all that are enabled verify, and the newest signs', async () => {
    const { ring, add } = ringOf();
    const old = add(long('old'), { created: 1 });
    const newest = add(long('newest'), { created: 3 });
    const middle = add(long('middle'), { created: 2 });
    expect(texts(await ring.versions(never))).toEqual([long('newest'), long('middle'), long('old')]);
    for (const version of [old, middle, newest]) {
      expect(texts(await ring.find(kidOf(version), never))).toEqual([version.value]);
    }
  });

  test.each([
    ['is disabled', { enabled: false }],
    ['has expired', { expires: 1 }],
    ['is not in force yet', { notBefore: 4_000_000_000 }],
  ])('one that %s does not count', async (_what, properties) => {
    const { ring, add } = ringOf();
    add(long('good'), { created: 1 });
    const bad = add(long('bad'), { created: 2, ...properties });
    expect(texts(await ring.versions(never))).toEqual([long('good')]);
    expect(await ring.find(kidOf(bad), never)).toEqual([]);
  });

  test('one that expires while it is cached is not used any longer', async () => {
    const { ring, add, clock } = ringOf();
    add(long('old'), { created: 1 });
    add(long('brief'), { created: 2, expires: clock.now() + 60 });
    expect(await ring.versions(never)).toHaveLength(2);
    await clock.advance(61_000);
    expect(texts(await ring.versions(never))).toEqual([long('old')]);
  });

  test.each(['', '   ', '\n', 'abc'])(
    'one that is blank or hardly there (%j) is refused and reported',
    async (blank) => {
      const { ring, add, notes } = ringOf();
      add(long('good'), { created: 1 });
      add(blank, { created: 2 });
      expect(texts(await ring.versions(never))).toEqual([long('good')]);
      expect(notes.join()).toContain('secret-refused');
    },
  );

  test('one of four bytes is the shortest that is used, and one of 32 the shortest that is not reported', async () => {
    const { ring, add, notes } = ringOf();
    add('x'.repeat(32), { created: 3 });
    const short = add('x'.repeat(4), { created: 2 });
    const refused = add('x'.repeat(3), { created: 1 });
    expect(texts(await ring.versions(never))).toEqual(['x'.repeat(32), 'x'.repeat(4)]);
    const fields = { secret: PURPOSE, advice: 'use 32 random bytes or more' };
    // By the id that the key carries, and not the whole one.
    expect(notes.map((note) => JSON.parse(note)).toSorted()).toEqual(
      [
        ['warn', 'secret-short', { ...fields, version: kidOf(short) }],
        ['warn', 'secret-refused', { ...fields, version: kidOf(refused) }],
      ].toSorted(),
    );
  });

  test('blanks are no secret however many, and blanks around one belong to it', async () => {
    const { ring, add, notes } = ringOf();
    add(' '.repeat(40), { created: 1 });
    add(` ${long('around')} `, { created: 2 });
    expect(texts(await ring.versions(never))).toEqual([` ${long('around')} `]);
    const events = notes.map((note) => (JSON.parse(note) as string[])[1]);
    expect(events.toSorted()).toEqual(['secret-refused', 'secret-stray-characters']);
  });

  test('one that is good and in force is not called out of force', async () => {
    const { ring, add, notes } = ringOf();
    add(long('good'), { created: 1 });
    add(long('coming'), { created: 2, notBefore: 4_000_000_000 });
    await ring.versions(never);
    expect(notes).toEqual([]);
  });

  test('its value is that of its UTF-8 bytes', async () => {
    const { ring, add } = ringOf();
    add('é'.repeat(16));
    const [{ secret }] = await ring.versions(never);
    expect(Buffer.from(secret).toString('hex')).toBe('c3a9'.repeat(16));
  });

  test('one that expires is over in that second', async () => {
    const { ring, add, clock } = ringOf();
    add(long('old'), { created: 1 });
    add(long('brief'), { created: 2, expires: clock.now() + 60 });
    expect(await ring.versions(never)).toHaveLength(2);
    await clock.advance(59_999);
    expect(await ring.versions(never)).toHaveLength(2);
    await clock.advance(1);
    expect(await ring.versions(never)).toHaveLength(1);
  });

  test('the value of one that was disabled is forgotten, and fetched again when it is enabled again', async () => {
    const { ring, add, clock, values } = ringOf();
    add(long('kept'), { created: 1 });
    const other = add(long('other'), { created: 2 });
    const listed = async () => {
      await clock.advance(5 * MINUTE);
      return (await ring.versions(never)).length;
    };
    expect([await listed(), values()]).toEqual([2, 2]);
    other.enabled = false;
    expect([await listed(), values()]).toEqual([1, 2]);
    other.enabled = true;
    expect([await listed(), values()]).toEqual([2, 3]);
  });

  test('warming fetches ahead, and an outage is not out before it was asked for', async () => {
    const { ring, add, listings } = ringOf();
    add(long('only'));
    expect([ring.isAvailable(), listings()]).toEqual([false, 0]);
    await ring.warm();
    expect([ring.isAvailable(), listings()]).toEqual([true, 1]);
  });

  test('a fetch that came leaves nothing behind on the clock', async () => {
    const { ring, add, clock } = ringOf();
    add(long('only'));
    await ring.versions(never);
    expect(clock.sleepers()).toBe(0);
  });

  test('a short one is used and reported', async () => {
    const { ring, add, notes } = ringOf();
    add('short');
    expect(texts(await ring.versions(never))).toEqual(['short']);
    expect(notes.join()).toContain('secret-short');
  });

  test('only the ten newest count, over as many pages as the vault lists', async () => {
    const { ring, add, values } = ringOf();
    for (let created = 1; created <= 60; created++) add(long(`version ${created}`), { created });
    const versions = texts(await ring.versions(never));
    expect(versions).toEqual(Array.from({ length: 10 }, (_, index) => long(`version ${60 - index}`)));
    expect(values()).toBe(10);
  });
});

test.each([
  ['have expired', { expires: 1 }],
  ['are not in force yet', { notBefore: 4_000_000_000 }],
])('however many versions %s, they take no place from one that is in force', async (_what, properties) => {
  const { ring, add } = ringOf();
  const good = add(long('good'), { created: 1 });
  for (let created = 2; created <= 20; created++) add(long(`idle ${created}`), { created, ...properties });
  expect(texts(await ring.versions(never))).toEqual([long('good')]);
  expect(texts(await ring.find(kidOf(good), never))).toEqual([long('good')]);
});

test('a version whose time comes while it is cached signs from then on', async () => {
  const { ring, add, clock } = ringOf();
  add(long('old'), { created: 1 });
  add(long('coming'), { created: 2, notBefore: clock.now() + 60 });
  expect(texts(await ring.versions(never))).toEqual([long('old')]);
  await clock.advance(60_000);
  expect(texts(await ring.versions(never))).toEqual([long('coming'), long('old')]);
});

describe('a secret whose only version is withdrawn', () => {
  test.each<[string, (version: StoredVersion, now: number) => void]>([
    ['disabled', (version) => void (version.enabled = false)],
    ['set to expire at once', (version, now) => void (version.expires = now)],
    ['set to begin tomorrow', (version, now) => void (version.notBefore = now + DAY_SECONDS)],
  ])('is an outage with the next list, and no longer verifies anything: %s', async (_how, withdraw) => {
    const { ring, add, clock, notes } = ringOf();
    const only = add(long('only'));
    expect(await ring.find(kidOf(only), never)).toHaveLength(1);
    withdraw(only, clock.now());
    await clock.advance(4.5 * MINUTE + 1);
    const outage = { reason: 'callback-secret-unavailable' };
    const asked = [
      () => ring.find(kidOf(only), never),
      () => ring.versions(never),
      () => ring.present(never),
    ];
    for (const ask of asked) await expect((async () => ask())()).rejects.toMatchObject(outage);
    expect(notes.join()).toContain('secret-not-in-force');
  });

  test('the same where another version is left that was never any good', async () => {
    const { ring, add, clock } = ringOf();
    const stolen = add(long('stolen'), { created: 2 });
    add('   ', { created: 1 });
    expect(await ring.find(kidOf(stolen), never)).toHaveLength(1);
    stolen.enabled = false;
    await clock.advance(4.5 * MINUTE + 1);
    await expect(ring.find(kidOf(stolen), never)).rejects.toThrow(Outage);
  });

  test('what is enabled again serves again with the list after it', async () => {
    const { ring, add, clock } = ringOf();
    const only = add(long('only'), { enabled: false });
    await expect(ring.versions(never)).rejects.toThrow(Outage);
    only.enabled = true;
    await clock.advance(4.5 * MINUTE + 1);
    expect(texts(await ring.versions(never))).toEqual([long('only')]);
  });
});

test('a secret that may be absent and was removed after it was withdrawn is absent, and no outage', async () => {
  const clock = manualClock();
  const listed = [[], [{ id: 'a'.repeat(32), enabled: false, created: 1 }], []];
  const vault: Vault = {
    ready: async () => {},
    list: async () => listed.shift() ?? [],
    value: async () => long('value'),
  };
  const ring = vaultSecret({
    name: 'any',
    purpose: PURPOSE,
    vault,
    outage: 'vonage-secret-unavailable',
    mayBeAbsent: true,
    maxStaleSeconds: DAY_SECONDS,
    clock,
    random: () => 0,
    note: () => {},
  });
  const next = async () => {
    await clock.advance(5 * MINUTE);
    return ring.present(never);
  };
  expect(await ring.present(never)).toEqual([]);
  await expect(next()).rejects.toThrow(Outage);
  expect(await next()).toEqual([]);
});

describe('rotation', () => {
  test('a new version is found by its key id after one more listing', async () => {
    const { ring, add, listings } = ringOf();
    add(long('old'), { created: 1 });
    await ring.versions(never);
    const rotated = add(long('new'), { created: 2 });
    const found = await Promise.all(Array.from({ length: 50 }, () => ring.find(kidOf(rotated), never)));
    for (const versions of found) expect(texts(versions)).toEqual([long('new')]);
    expect(listings()).toBe(2);
  });

  test('a new version within ten seconds of an unknown one is put off at once, and found on the retry', async () => {
    const { ring, add, clock, listings } = ringOf();
    add(long('old'), { created: 1 });
    await ring.versions(never);
    expect(await ring.find('forged', never)).toEqual([]);
    const rotated = add(long('new'), { created: 2 });
    const unconfirmed = { name: 'Outage', reason: 'callback-key-unconfirmed' };
    await expect(ring.find(kidOf(rotated), never)).rejects.toMatchObject(unconfirmed);
    await clock.advance(9999);
    await expect(ring.find(kidOf(rotated), never)).rejects.toMatchObject(unconfirmed);
    expect(listings()).toBe(2);
    await clock.advance(1);
    expect(texts(await ring.find(kidOf(rotated), never))).toEqual([long('new')]);
  });

  test('a new version is found as soon also where the only one before it was withdrawn first', async () => {
    const { ring, add } = ringOf();
    const stolen = add(long('stolen'), { created: 1 });
    stolen.enabled = false;
    await expect(ring.versions(never)).rejects.toThrow(Outage);
    const rotated = add(long('new'), { created: 2 });
    expect(texts(await ring.find(kidOf(rotated), never))).toEqual([long('new')]);
  });

  test('values are fetched once, however often the versions are listed', async () => {
    const { ring, add, clock, listings, values } = ringOf();
    add(long('only'));
    for (let round = 0; round < 4; round++) {
      await ring.versions(never);
      await clock.advance(5 * MINUTE);
    }
    expect([listings(), values()]).toEqual([4, 1]);
  });

  test('a version that is disabled is refused within five minutes, though nobody asked meanwhile', async () => {
    const { ring, add, clock } = ringOf();
    add(long('kept'), { created: 1 });
    const stolen = add(long('stolen'), { created: 2 });
    expect(await ring.find(kidOf(stolen), never)).toHaveLength(1);
    stolen.enabled = false;
    await clock.advance(5 * MINUTE - 2000);
    expect(texts(await ring.versions(never))).toEqual([long('kept')]);
  });

  test('it is refused within five minutes also where a refresh failed and then nobody asked for a while', async () => {
    const { ring, add, clock, notes } = ringOf();
    add(long('kept'), { created: 1 });
    const stolen = add(long('stolen'), { created: 2 });
    await ring.versions(never);
    azure.vault.play('unavailable');
    await clock.advance(2 * MINUTE + 1);
    await ring.versions(never);
    await expect.poll(() => notes).toHaveLength(1);
    azure.vault.play();
    stolen.enabled = false;
    await clock.advance(3 * MINUTE - 1000);
    expect(texts(await ring.versions(never))).toEqual([long('kept')]);
  });

  test('under steady traffic it is refused after the refresh in the background', async () => {
    const { ring, add, clock, listings } = ringOf();
    add(long('kept'), { created: 1 });
    const stolen = add(long('stolen'), { created: 2 });
    await ring.versions(never);
    stolen.enabled = false;
    await clock.advance(2 * MINUTE + 1);
    expect(await ring.versions(never)).toHaveLength(2);
    await expect.poll(async () => (await ring.versions(never)).length).toBe(1);
    expect(listings()).toBe(2);
  });
});

describe('what the vault is asked', () => {
  test('fifty who ask at once while nothing is known make one listing and one request a version', async () => {
    const { ring, add, listings, values } = ringOf();
    add(long('one'), { created: 1 });
    add(long('two'), { created: 2 });
    await Promise.all(Array.from({ length: 50 }, () => ring.versions(never)));
    expect([listings(), values()]).toEqual([1, 2]);
  });

  test('a thousand unknown key ids make one more listing, and those beyond the places to wait are put off', async () => {
    const { ring, add, listings } = ringOf();
    add(long('only'));
    await ring.versions(never);
    const asked = Array.from({ length: 1000 }, (_, kid) => ring.find(`k${kid}`, never));
    const ended = await Promise.allSettled(asked);
    const unknown = ended.filter(({ status }) => status === 'fulfilled');
    expect(unknown).toEqual(Array.from({ length: 100 }, () => ({ status: 'fulfilled', value: [] })));
    const putOff = { status: 'rejected', reason: new Outage('callback-key-unconfirmed') };
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual(
      Array.from({ length: 900 }, () => putOff),
    );
    expect(listings()).toBe(2);
  });

  test('while it cannot be reached and nothing is known, a thousand callbacks make at most six requests a minute', async () => {
    const { ring, clock, notes } = ringOf();
    await azure.vault.down();
    for (let second = 0; second < 60; second++) {
      const asking = Array.from({ length: 17 }, () => ring.versions(never));
      for (const one of asking) await expect(one).rejects.toThrow(Outage);
      await clock.advance(1000);
    }
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.length).toBeLessThanOrEqual(6);
  });

  test('a Retry-After of two minutes is heeded for one, so that what was disabled is not used for longer', async () => {
    const { ring, add, clock } = ringOf();
    const version = add(long('only'));
    azure.vault.play('throttled');
    await expect(ring.versions(never)).rejects.toThrow(Outage);
    azure.vault.play();
    await clock.advance(59_999);
    await expect(ring.find(kidOf(version), never)).rejects.toThrow(Outage);
    await clock.advance(1);
    expect(await ring.find(kidOf(version), never)).toHaveLength(1);
  });
});

describe.each([...(Object.keys(faults) as Fault[]), 'refused' as const])(
  'when the vault is ailing (%s)',
  (fault) => {
    const fallIll = () => (fault === 'refused' ? azure.vault.down() : azure.vault.play(fault));

    test('an outage is what it is called while nothing is known', async () => {
      const { ring, clock, add } = ringOf();
      add(long('only'));
      await fallIll();
      const asked = expect(ring.versions(never)).rejects.toMatchObject({
        reason: 'callback-secret-unavailable',
      });
      await deadlinePassed(clock);
      await asked;
    });

    test('what was known serves, twenty of twenty, for a day and no longer', async () => {
      const { ring, clock, add } = ringOf();
      const version = add(long('only'));
      await ring.versions(never);
      await fallIll();
      for (let hour = 0; hour < 20; hour++) {
        await clock.advance(70 * MINUTE);
        const found = ring.find(kidOf(version), never);
        await deadlinePassed(clock);
        expect(texts(await found)).toEqual([long('only')]);
      }
      await clock.advance(60 * MINUTE);
      const asked = expect(ring.find(kidOf(version), never)).rejects.toMatchObject({
        reason: 'callback-secret-unavailable',
      });
      await deadlinePassed(clock);
      await asked;
    });
  },
);

test('a secret that does not exist is an outage', async () => {
  const { ring, notes } = ringOf('no-such-secret');
  await expect(ring.versions(never)).rejects.toMatchObject({ reason: 'callback-secret-unavailable' });
  expect(notes).toEqual([expect.stringContaining('the vault has no such secret')]);
});

test('a secret is reported by what it is for, since its name may be a secret in the wrong place', async () => {
  const { ring, add, clock, notes } = ringOf('hunter2hunter2');
  const version = add('short', { created: 1 });
  add('   ', { created: 2 });
  await ring.versions(never);
  version.enabled = false;
  await clock.advance(5 * MINUTE);
  await expect(ring.versions(never)).rejects.toThrow(Outage);
  azure.vault.play('not-found');
  await clock.advance(5 * MINUTE);
  await expect(ring.versions(never)).rejects.toThrow(Outage);
  for (const event of ['secret-short', 'secret-refused', 'secret-not-in-force', 'secret-refresh-failed'])
    expect(notes).toContainEqual(expect.stringMatching(`"${event}".*"secret":"${PURPOSE}"`));
  expect(notes.join()).not.toContain('hunter2');
});

test('a vault of another name than its certificate is not spoken to', async () => {
  const clock = manualClock();
  const notes: string[] = [];
  const ring = vaultSecret({
    name: 'any',
    purpose: PURPOSE,
    vault: keyVault('https://another.vault.azure.net', { inAzure: true, clientId: undefined }),
    outage: 'callback-secret-unavailable',
    maxStaleSeconds: DAY_SECONDS,
    clock,
    random: () => 0,
    note: (...note) => notes.push(JSON.stringify(note)),
  });
  await expect(ring.versions(never)).rejects.toThrow(Outage);
});

test('nothing that is noted holds the value of a secret', async () => {
  const { ring, add, clock, notes } = ringOf();
  add('hunter2', { created: 1 });
  add('   ', { created: 2 });
  await ring.versions(never);
  for (const fault of Object.keys(faults) as Fault[]) {
    azure.vault.play(fault);
    await clock.advance(10 * MINUTE);
    const asked = ring.versions(never);
    await deadlinePassed(clock);
    await asked;
  }
  expect(notes.length).toBeGreaterThan(2);
  expect(notes.join()).not.toContain('hunter2');
});

/** Lets the deadline of a fetch pass, where one is under way that does not end of itself. */
async function deadlinePassed(clock: ReturnType<typeof manualClock>): Promise<void> {
  await clock.advance(2000);
}
