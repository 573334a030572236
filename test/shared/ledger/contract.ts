import { expect, test } from 'vitest';
import { MAX_REPLY_BYTES, REPLY_SECONDS } from '../../../shared/ledger/ledger.ts';
import type { Acquisition, Lease, Ledger } from '../../../shared/ledger/ledger.ts';
import type { ManualClock } from '../../clock.ts';

/** A new ledger, and the clock that it uses. */
export type Subject = { readonly ledger: Ledger; readonly clock: Pick<ManualClock, 'advance'> };

const LEASE_SECONDS = 8;
const SECOND_MS = 1000;

/** Every ledger must pass these tests. */
export function keepsTheLedgerContract(newSubject: () => Subject | Promise<Subject>): void {
  async function subject() {
    const { ledger, clock } = await newSubject();
    return {
      ledger,
      clock,
      acquire: (key: string, leaseSeconds = LEASE_SECONDS) => ledger.acquire({ key }, leaseSeconds),
      state: async (key: string) => (await ledger.acquire({ key }, LEASE_SECONDS)).state,
    };
  }

  test('a new key is acquired', async () => {
    const { acquire } = await subject();
    expect((await acquire('key')).state).toBe('acquired');
  });

  test('an acquired key is busy for other callers, and other keys are not', async () => {
    const { acquire, state } = await subject();
    await acquire('key');
    expect([await state('key'), await state('other'), await state('KEY'), await state('ke')]).toEqual([
      'busy',
      'acquired',
      'acquired',
      'acquired',
    ]);
  });

  test('of many callers that acquire a key at once, one gets it', async () => {
    const { state } = await subject();
    const states = await Promise.all(Array.from({ length: 50 }, () => state('key')));
    expect(states.filter((one) => one === 'acquired')).toHaveLength(1);
    expect(states.filter((one) => one === 'busy')).toHaveLength(49);
  });

  test('a completed key is done, and still done after a day', async () => {
    const { acquire, clock, state } = await subject();
    await held(await acquire('key')).complete();
    expect(await state('key')).toBe('done');
    await clock.advance(24 * 3600 * SECOND_MS);
    expect(await state('key')).toBe('done');
  });

  test('a released key is free at once', async () => {
    const { acquire, state } = await subject();
    await held(await acquire('key')).release();
    expect(await state('key')).toBe('acquired');
  });

  test('a key that is neither completed nor released is free when its lease expires, and not before', async () => {
    const { acquire, clock, state } = await subject();
    await acquire('key');
    await clock.advance(LEASE_SECONDS * SECOND_MS - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('acquired');
  });

  test('the caller of acquire chooses the length of the lease', async () => {
    const { acquire, clock, state } = await subject();
    await acquire('key', 1);
    await clock.advance(SECOND_MS);
    expect(await state('key')).toBe('acquired');
  });

  test('a renewed lease lasts for its full length from then on', async () => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    for (let turn = 0; turn < 5; turn++) {
      await clock.advance((LEASE_SECONDS - 1) * SECOND_MS);
      expect(await state('key')).toBe('busy');
      await lease.renew();
    }
    await clock.advance(LEASE_SECONDS * SECOND_MS - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('acquired');
  });

  test('renew tells whether the lease is still held', async () => {
    const { acquire, clock } = await subject();
    const lease = held(await acquire('key'));
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE_SECONDS * SECOND_MS + 1);
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE_SECONDS * SECOND_MS);
    await acquire('key');
    expect(await lease.renew()).toBe(false);
  });

  test('an expired lease can still be completed while nobody else has the key', async () => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    await clock.advance(LEASE_SECONDS * SECOND_MS + 1);
    await lease.complete();
    expect(await state('key')).toBe('done');
  });

  test.each(['renew', 'complete', 'release'] as const)(
    'an expired lease takes nothing from the next holder: %s',
    async (act) => {
      const { acquire, clock, state } = await subject();
      const stale = held(await acquire('key'));
      await clock.advance(LEASE_SECONDS * SECOND_MS);
      const next = held(await acquire('key'));
      await stale[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE_SECONDS * SECOND_MS - 1);
      expect(await state('key')).toBe('busy');
      await clock.advance(1);
      expect(await state('key')).toBe('acquired');
      await next[act]();
    },
  );

  test.each(['renew', 'complete', 'release'] as const)(
    'a released lease changes nothing any more: %s',
    async (act) => {
      const { acquire, clock, state } = await subject();
      const first = held(await acquire('key'));
      await first.release();
      await acquire('key');
      await first[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE_SECONDS * SECOND_MS);
      expect(await state('key')).toBe('acquired');
    },
  );

  test.each(['renew', 'release', 'complete'] as const)('a done key stays done: %s', async (act) => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    await lease.complete();
    await lease[act]();
    expect(await state('key')).toBe('done');
    await clock.advance(LEASE_SECONDS * SECOND_MS);
    expect(await state('key')).toBe('done');
  });

  test('a late release does not undo what the next holder completed', async () => {
    const { acquire, clock, state } = await subject();
    const stale = held(await acquire('key'));
    await clock.advance(LEASE_SECONDS * SECOND_MS);
    await held(await acquire('key')).complete();
    await stale.release();
    expect(await state('key')).toBe('done');
  });

  test('complete tells whether the lease was still held, and takes no done key twice', async () => {
    const { acquire, clock } = await subject();
    const [lost, late] = [held(await acquire('lost')), held(await acquire('late'))];
    await clock.advance(LEASE_SECONDS * SECOND_MS);
    const next = held(await acquire('lost'));
    expect([await lost.complete(), await next.complete(), await late.complete()]).toEqual([
      false,
      true,
      true,
    ]);
    expect([await next.complete(), await lost.complete()]).toEqual([false, false]);
  });

  test('a reply is kept with its completed key for an hour, and the key for longer', async () => {
    const { acquire, clock } = await subject();
    expect(await held(await acquire('key')).complete('the reply')).toBe(true);
    await held(await acquire('other')).complete();
    await clock.advance(REPLY_SECONDS * SECOND_MS - 1);
    expect(await acquire('key')).toEqual({ state: 'done', reply: 'the reply' });
    expect(await acquire('other')).toEqual({ state: 'done' });
    await clock.advance(1);
    expect(await acquire('key')).toEqual({ state: 'done' });
  });

  test('a key that is completed again has the reply of that time alone', async () => {
    const { ledger, clock, acquire } = await subject();
    await held(await ledger.acquire({ key: 'key', seconds: 60 }, LEASE_SECONDS)).complete('first');
    await clock.advance(60 * SECOND_MS);
    await held(await acquire('key')).complete();
    expect(await acquire('key')).toEqual({ state: 'done' });
  });

  test.each(['', '\u0000 "é𝄞\n', 'x'.repeat(MAX_REPLY_BYTES), '𝄞'.repeat(MAX_REPLY_BYTES / 4)])(
    'a reply is any text of up to 16 KiB: %j',
    async (reply) => {
      const { acquire } = await subject();
      await held(await acquire('key')).complete(reply);
      expect(await acquire('key')).toEqual({ state: 'done', reply });
    },
  );

  test.each([`${'é'.repeat(MAX_REPLY_BYTES / 2)}.`, '\ud800'])(
    'a longer reply and half a character are refused, and the key stays held',
    async (reply) => {
      const { acquire, state } = await subject();
      const lease = held(await acquire('key'));
      await expect(lease.complete(reply)).rejects.toThrow('a reply');
      expect([await state('key'), await lease.complete()]).toEqual(['busy', true]);
    },
  );

  test('a lease was confirmed when it was last asked for', async () => {
    const { acquire, clock } = await subject();
    const lease = held(await acquire('key'));
    const acquiredAt = lease.confirmedAt();
    await clock.advance(SECOND_MS);
    expect(lease.confirmedAt()).toBe(acquiredAt);
    await lease.renew();
    expect(lease.confirmedAt()).toBe(acquiredAt + SECOND_MS);
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'ключ', 'k'.repeat(200)])(
    'any text is a distinct key: %j',
    async (key) => {
      const { acquire, state } = await subject();
      await held(await acquire(key)).complete();
      expect(await state(key)).toBe('done');
      expect(await state(`${key}x`)).toBe('acquired');
    },
  );
}

/** Every ledger must pass these tests for keys with an alias. */
export function keepsTheAliasContract(newSubject: () => Subject | Promise<Subject>): void {
  const call = { key: 'call', seconds: 60 };

  /** Events of one call: the call is their alias. */
  async function subject() {
    const { ledger, clock } = await newSubject();
    return {
      clock,
      acquire: (key: string) => ledger.acquire({ key, alias: call }, LEASE_SECONDS),
      again: async (key: string) => (await ledger.acquire({ key, alias: call }, LEASE_SECONDS)).state,
      callAlone: async () => (await ledger.acquire({ key: 'call' }, LEASE_SECONDS)).state,
    };
  }

  test('an event is acquired together with its alias', async () => {
    const { again, acquire, callAlone } = await subject();
    await acquire('one');
    expect([await again('one'), await callAlone()]).toEqual(['busy', 'busy']);
  });

  test('while one event of a call is held, another is busy, and does not hold its own key', async () => {
    const { again, acquire } = await subject();
    const first = held(await acquire('one'));
    expect(await again('two')).toBe('busy');
    await first.release();
    expect(await again('two')).toBe('acquired');
  });

  test('when one event of a call is done, another is done too, and stays so', async () => {
    const { again, acquire, clock } = await subject();
    await held(await acquire('one')).complete();
    expect(await again('two')).toBe('done');
    await clock.advance(3600 * SECOND_MS);
    expect([await again('one'), await again('two')]).toEqual(['done', 'done']);
  });

  test('a done alias expires after its time, and not before', async () => {
    const { again, acquire, clock } = await subject();
    await held(await acquire('one')).complete();
    await clock.advance(60 * SECOND_MS - 1);
    expect(await again('two')).toBe('done');
    await clock.advance(1);
    expect(await again('three')).toBe('acquired');
  });

  test('a release frees both keys, and each event can be acquired again', async () => {
    const { again, acquire } = await subject();
    await held(await acquire('one')).release();
    await held(await acquire('two')).release();
    expect(await again('one')).toBe('acquired');
  });

  test('a renewed lease keeps both keys', async () => {
    const { again, acquire, clock, callAlone } = await subject();
    const lease = held(await acquire('one'));
    await clock.advance((LEASE_SECONDS - 1) * SECOND_MS);
    await lease.renew();
    await clock.advance((LEASE_SECONDS - 1) * SECOND_MS);
    expect([await again('one'), await callAlone()]).toEqual(['busy', 'busy']);
  });

  test('an expired lease frees both keys', async () => {
    const { again, acquire, clock } = await subject();
    await acquire('one');
    await clock.advance(LEASE_SECONDS * SECOND_MS);
    expect([await again('two'), await again('one')]).toEqual(['acquired', 'busy']);
  });

  test.each(['renew', 'complete', 'release'] as const)(
    'an expired lease takes nothing from the holder of another event: %s',
    async (act) => {
      const { again, acquire, clock } = await subject();
      const stale = held(await acquire('one'));
      await clock.advance(LEASE_SECONDS * SECOND_MS);
      await acquire('two');
      await stale[act]();
      expect(await again('two')).toBe('busy');
      expect(await again('one')).toBe('busy');
    },
  );

  test('of many events of a call at once, one is acquired', async () => {
    const { acquire } = await subject();
    const acquisitions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => acquire(`event-${index % 5}`)),
    );
    expect(acquisitions.filter(({ state }) => state === 'acquired')).toHaveLength(1);
  });
}

/** Every ledger must pass these tests for stored values. */
export function keepsTheValueContract(newSubject: () => Subject | Promise<Subject>): void {
  test('the first value of a name wins, and later callers get it', async () => {
    const { ledger } = await newSubject();
    expect(await ledger.putIfAbsent('name', 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('first');
    expect(await ledger.putIfAbsent('name', 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent('other', 'second', 60)).toBe('second');
  });

  test('get returns the stored value, and stores nothing', async () => {
    const { ledger, clock } = await newSubject();
    expect(await ledger.get('name')).toBeUndefined();
    await ledger.putIfAbsent('name', 'first', 60);
    expect([await ledger.get('name'), await ledger.get('other')]).toEqual(['first', undefined]);
    await clock.advance(60 * SECOND_MS);
    expect(await ledger.get('name')).toBeUndefined();
  });

  test('many callers at once get the same value, which one of them stored', async () => {
    const { ledger } = await newSubject();
    const values = Array.from({ length: 50 }, (_, index) => `value-${index}`);
    const stored = new Set(await Promise.all(values.map((value) => ledger.putIfAbsent('name', value, 60))));
    expect(stored.size).toBe(1);
    expect(values).toEqual(expect.arrayContaining([...stored]));
  });

  test('a value expires after its time, counted from when it was stored', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.putIfAbsent('name', 'first', 60);
    await clock.advance(59 * SECOND_MS);
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('first');
    await clock.advance(SECOND_MS);
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('second');
  });

  test('values with different times do not shorten one another', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.putIfAbsent('long', 'first', 3600);
    await ledger.putIfAbsent('short', 'first', 1);
    await clock.advance(60 * SECOND_MS);
    await ledger.putIfAbsent('another', 'first', 1);
    expect(await ledger.putIfAbsent('long', 'second', 3600)).toBe('first');
    expect(await ledger.putIfAbsent('short', 'second', 3600)).toBe('second');
  });

  test('keys and names are separate', async () => {
    const { ledger } = await newSubject();
    await held(await ledger.acquire({ key: 'name' }, LEASE_SECONDS)).complete();
    expect(await ledger.putIfAbsent('name', 'value', 60)).toBe('value');
    expect((await ledger.acquire({ key: 'name' }, LEASE_SECONDS)).state).toBe('done');
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'имя'])(
    'any text is a distinct name, and a value: %j',
    async (text) => {
      const { ledger } = await newSubject();
      expect(await ledger.putIfAbsent(text, text, 60)).toBe(text);
      expect(await ledger.putIfAbsent(text, 'other', 60)).toBe(text);
      expect(await ledger.putIfAbsent(`${text}x`, 'other', 60)).toBe('other');
    },
  );
}

/** The lease of a key that must be acquired. */
export function held(acquisition: Acquisition): Lease {
  if (acquisition.state !== 'acquired') throw new Error(`the key is ${acquisition.state}`);
  return acquisition.lease;
}
