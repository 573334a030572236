import { expect, test } from 'vitest';
import type { Acquisition, Lease, Ledger } from '../../../shared/ledger/ledger.ts';
import type { ManualClock } from '../../clock.ts';

/** A new ledger, the clock that it goes by, and a way to move that clock. */
export type Subject = { readonly ledger: Ledger; readonly clock: Pick<ManualClock, 'advance'> };

const LEASE = 8;
const SECOND = 1000;

/** What every ledger keeps to, whatever it is made of. */
export function keepsTheLedgerContract(newSubject: () => Subject | Promise<Subject>): void {
  async function subject() {
    const { ledger, clock } = await newSubject();
    return {
      ledger,
      clock,
      acquire: (key: string, leaseSeconds = LEASE) => ledger.acquire({ key }, leaseSeconds),
      state: async (key: string) => (await ledger.acquire({ key }, LEASE)).state,
    };
  }

  test('a key that nobody claimed is claimed', async () => {
    const { acquire } = await subject();
    expect((await acquire('key')).state).toBe('acquired');
  });

  test('a claimed key is busy for everybody else, and other keys are not', async () => {
    const { acquire, state } = await subject();
    await acquire('key');
    expect([await state('key'), await state('other'), await state('KEY'), await state('ke')]).toEqual([
      'busy',
      'acquired',
      'acquired',
      'acquired',
    ]);
  });

  test('of many who acquire a key at once one gets it', async () => {
    const { state } = await subject();
    const states = await Promise.all(Array.from({ length: 50 }, () => state('key')));
    expect(states.filter((one) => one === 'acquired')).toHaveLength(1);
    expect(states.filter((one) => one === 'busy')).toHaveLength(49);
  });

  test('a settled key is done, and stays so for a day', async () => {
    const { acquire, clock, state } = await subject();
    await held(await acquire('key')).complete();
    expect(await state('key')).toBe('done');
    await clock.advance(24 * 3600 * SECOND);
    expect(await state('key')).toBe('done');
  });

  test('a released key is free at once', async () => {
    const { acquire, state } = await subject();
    await held(await acquire('key')).release();
    expect(await state('key')).toBe('acquired');
  });

  test('a acquire that is neither settled nor released runs out with its lease, and not before', async () => {
    const { acquire, clock, state } = await subject();
    await acquire('key');
    await clock.advance(LEASE * SECOND - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('acquired');
  });

  test('the length of the lease is that of the acquire', async () => {
    const { acquire, clock, state } = await subject();
    await acquire('key', 1);
    await clock.advance(SECOND);
    expect(await state('key')).toBe('acquired');
  });

  test('a renewed acquire stands for the length of its lease from then on', async () => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    for (let turn = 0; turn < 5; turn++) {
      await clock.advance((LEASE - 1) * SECOND);
      expect(await state('key')).toBe('busy');
      await lease.renew();
    }
    await clock.advance(LEASE * SECOND - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('acquired');
  });

  test('renewing tells whether the acquire is still its own', async () => {
    const { acquire, clock } = await subject();
    const lease = held(await acquire('key'));
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE * SECOND + 1);
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE * SECOND);
    await acquire('key');
    expect(await lease.renew()).toBe(false);
  });

  test('a acquire that ran out can still be settled while nobody else took it', async () => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    await clock.advance(LEASE * SECOND + 1);
    await lease.complete();
    expect(await state('key')).toBe('done');
  });

  test.each(['renew', 'complete', 'release'] as const)(
    'a holder whose lease ran out takes nothing from the next one: %s',
    async (act) => {
      const { acquire, clock, state } = await subject();
      const stale = held(await acquire('key'));
      await clock.advance(LEASE * SECOND);
      const next = held(await acquire('key'));
      await stale[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE * SECOND - 1);
      expect(await state('key')).toBe('busy');
      await clock.advance(1);
      expect(await state('key')).toBe('acquired');
      await next[act]();
    },
  );

  test.each(['renew', 'complete', 'release'] as const)(
    'a holder who released has no say any more: %s',
    async (act) => {
      const { acquire, clock, state } = await subject();
      const first = held(await acquire('key'));
      await first.release();
      await acquire('key');
      await first[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE * SECOND);
      expect(await state('key')).toBe('acquired');
    },
  );

  test.each(['renew', 'release', 'complete'] as const)('what is done stays done: %s', async (act) => {
    const { acquire, clock, state } = await subject();
    const lease = held(await acquire('key'));
    await lease.complete();
    await lease[act]();
    expect(await state('key')).toBe('done');
    await clock.advance(LEASE * SECOND);
    expect(await state('key')).toBe('done');
  });

  test('a holder who settles late does not undo what the next one settled', async () => {
    const { acquire, clock, state } = await subject();
    const stale = held(await acquire('key'));
    await clock.advance(LEASE * SECOND);
    await held(await acquire('key')).complete();
    await stale.release();
    expect(await state('key')).toBe('done');
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'ключ', 'k'.repeat(200)])(
    'any text is a key of its own: %j',
    async (key) => {
      const { acquire, state } = await subject();
      await held(await acquire(key)).complete();
      expect(await state(key)).toBe('done');
      expect(await state(`${key}x`)).toBe('acquired');
    },
  );
}

/** What every ledger keeps to of what is claimed together with something in common. */
export function keepsTheTwinContract(newSubject: () => Subject | Promise<Subject>): void {
  const call = { key: 'call', seconds: 60 };

  /** One ledger, and events that tell of the same call. */
  async function subject() {
    const { ledger, clock } = await newSubject();
    return {
      clock,
      acquire: (key: string) => ledger.acquire({ key, alias: call, partition: 'call' }, LEASE),
      again: async (key: string) =>
        (await ledger.acquire({ key, alias: call, partition: 'call' }, LEASE)).state,
      common: async () => (await ledger.acquire({ key: 'call', partition: 'call' }, LEASE)).state,
    };
  }

  test('an event is claimed together with what it has in common with others', async () => {
    const { again, acquire, common } = await subject();
    await acquire('one');
    expect([await again('one'), await common()]).toEqual(['busy', 'busy']);
  });

  test('while one delivery of a call is in hand the other is busy, and neither key of it is held', async () => {
    const { again, acquire } = await subject();
    const first = held(await acquire('one'));
    expect(await again('two')).toBe('busy');
    await first.release();
    expect(await again('two')).toBe('acquired');
  });

  test('when one delivery of a call is done the other is done as well, and stays so', async () => {
    const { again, acquire, clock } = await subject();
    await held(await acquire('one')).complete();
    expect(await again('two')).toBe('done');
    await clock.advance(3600 * SECOND);
    expect([await again('one'), await again('two')]).toEqual(['done', 'done']);
  });

  test('what events have in common is forgotten after its time, and not before', async () => {
    const { again, acquire, clock } = await subject();
    await held(await acquire('one')).complete();
    await clock.advance(60 * SECOND - 1);
    expect(await again('two')).toBe('done');
    await clock.advance(1);
    expect(await again('three')).toBe('acquired');
  });

  test('a failure frees both, and either delivery may come again', async () => {
    const { again, acquire } = await subject();
    await held(await acquire('one')).release();
    await held(await acquire('two')).release();
    expect(await again('one')).toBe('acquired');
  });

  test('a renewed acquire keeps both', async () => {
    const { again, acquire, clock, common } = await subject();
    const lease = held(await acquire('one'));
    await clock.advance((LEASE - 1) * SECOND);
    await lease.renew();
    await clock.advance((LEASE - 1) * SECOND);
    expect([await again('one'), await common()]).toEqual(['busy', 'busy']);
  });

  test('a acquire that ran out frees both', async () => {
    const { again, acquire, clock } = await subject();
    await acquire('one');
    await clock.advance(LEASE * SECOND);
    expect([await again('two'), await again('one')]).toEqual(['acquired', 'busy']);
  });

  test.each(['renew', 'complete', 'release'] as const)(
    'a holder whose lease ran out takes nothing from the other delivery: %s',
    async (act) => {
      const { again, acquire, clock } = await subject();
      const stale = held(await acquire('one'));
      await clock.advance(LEASE * SECOND);
      await acquire('two');
      await stale[act]();
      expect(await again('two')).toBe('busy');
      expect(await again('one')).toBe('busy');
    },
  );

  test('of many deliveries of a call at once one is handed over', async () => {
    const { acquire } = await subject();
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => acquire(`event-${index % 5}`)));
    expect(claims.filter(({ state }) => state === 'acquired')).toHaveLength(1);
  });
}

/** What every ledger keeps to of names that are bound to values. */
export function keepsTheBindingContract(newSubject: () => Subject | Promise<Subject>): void {
  test('the first value holds, and whoever comes after is told it', async () => {
    const { ledger } = await newSubject();
    expect(await ledger.putIfAbsent('name', 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('first');
    expect(await ledger.putIfAbsent('name', 'first', 60)).toBe('first');
    expect(await ledger.putIfAbsent('other', 'second', 60)).toBe('second');
  });

  test('what is bound can be looked up, and looking binds nothing', async () => {
    const { ledger, clock } = await newSubject();
    expect(await ledger.get('name')).toBeUndefined();
    await ledger.putIfAbsent('name', 'first', 60);
    expect([await ledger.get('name'), await ledger.get('other')]).toEqual(['first', undefined]);
    await clock.advance(60 * SECOND);
    expect(await ledger.get('name')).toBeUndefined();
  });

  test('of many who bind a name at once all are told the same value, which is one of theirs', async () => {
    const { ledger } = await newSubject();
    const values = Array.from({ length: 50 }, (_, index) => `value-${index}`);
    const bound = new Set(await Promise.all(values.map((value) => ledger.putIfAbsent('name', value, 60))));
    expect(bound.size).toBe(1);
    expect(values).toEqual(expect.arrayContaining([...bound]));
  });

  test('a binding holds for its time from the first value on, and is free afterwards', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.putIfAbsent('name', 'first', 60);
    await clock.advance(59 * SECOND);
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('first');
    await clock.advance(SECOND);
    expect(await ledger.putIfAbsent('name', 'second', 60)).toBe('second');
  });

  test('bindings of different length do not shorten one another', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.putIfAbsent('long', 'first', 3600);
    await ledger.putIfAbsent('short', 'first', 1);
    await clock.advance(60 * SECOND);
    await ledger.putIfAbsent('another', 'first', 1);
    expect(await ledger.putIfAbsent('long', 'second', 3600)).toBe('first');
    expect(await ledger.putIfAbsent('short', 'second', 3600)).toBe('second');
  });

  test('bindings and claims know nothing of one another', async () => {
    const { ledger } = await newSubject();
    await held(await ledger.acquire({ key: 'name' }, LEASE)).complete();
    expect(await ledger.putIfAbsent('name', 'value', 60)).toBe('value');
    expect((await ledger.acquire({ key: 'name' }, LEASE)).state).toBe('done');
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'имя'])(
    'any text is a name and a value of its own: %j',
    async (text) => {
      const { ledger } = await newSubject();
      expect(await ledger.putIfAbsent(text, text, 60)).toBe(text);
      expect(await ledger.putIfAbsent(text, 'other', 60)).toBe(text);
      expect(await ledger.putIfAbsent(`${text}x`, 'other', 60)).toBe('other');
    },
  );
}

/** The lease of a acquire that must have been had. */
export function held(acquire: Acquisition): Lease {
  if (acquire.state !== 'acquired') throw new Error(`the key is ${acquire.state}`);
  return acquire.lease;
}
