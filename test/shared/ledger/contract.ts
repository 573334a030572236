import { expect, test } from 'vitest';
import type { Claim, Lease, Ledger } from '../../../shared/ledger/ledger.ts';
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
      claim: (key: string, leaseSeconds = LEASE) => ledger.claim({ key }, leaseSeconds),
      state: async (key: string) => (await ledger.claim({ key }, LEASE)).state,
    };
  }

  test('a key that nobody claimed is claimed', async () => {
    const { claim } = await subject();
    expect((await claim('key')).state).toBe('claimed');
  });

  test('a claimed key is busy for everybody else, and other keys are not', async () => {
    const { claim, state } = await subject();
    await claim('key');
    expect([await state('key'), await state('other'), await state('KEY'), await state('ke')]).toEqual([
      'busy',
      'claimed',
      'claimed',
      'claimed',
    ]);
  });

  test('of many who claim a key at once one gets it', async () => {
    const { state } = await subject();
    const states = await Promise.all(Array.from({ length: 50 }, () => state('key')));
    expect(states.filter((one) => one === 'claimed')).toHaveLength(1);
    expect(states.filter((one) => one === 'busy')).toHaveLength(49);
  });

  test('a settled key is done, and stays so for a day', async () => {
    const { claim, clock, state } = await subject();
    await held(await claim('key')).settle();
    expect(await state('key')).toBe('done');
    await clock.advance(24 * 3600 * SECOND);
    expect(await state('key')).toBe('done');
  });

  test('a released key is free at once', async () => {
    const { claim, state } = await subject();
    await held(await claim('key')).release();
    expect(await state('key')).toBe('claimed');
  });

  test('a claim that is neither settled nor released runs out with its lease, and not before', async () => {
    const { claim, clock, state } = await subject();
    await claim('key');
    await clock.advance(LEASE * SECOND - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('claimed');
  });

  test('the length of the lease is that of the claim', async () => {
    const { claim, clock, state } = await subject();
    await claim('key', 1);
    await clock.advance(SECOND);
    expect(await state('key')).toBe('claimed');
  });

  test('a renewed claim stands for the length of its lease from then on', async () => {
    const { claim, clock, state } = await subject();
    const lease = held(await claim('key'));
    for (let turn = 0; turn < 5; turn++) {
      await clock.advance((LEASE - 1) * SECOND);
      expect(await state('key')).toBe('busy');
      await lease.renew();
    }
    await clock.advance(LEASE * SECOND - 1);
    expect(await state('key')).toBe('busy');
    await clock.advance(1);
    expect(await state('key')).toBe('claimed');
  });

  test('renewing tells whether the claim is still its own', async () => {
    const { claim, clock } = await subject();
    const lease = held(await claim('key'));
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE * SECOND + 1);
    expect(await lease.renew()).toBe(true);
    await clock.advance(LEASE * SECOND);
    await claim('key');
    expect(await lease.renew()).toBe(false);
  });

  test('a claim that ran out can still be settled while nobody else took it', async () => {
    const { claim, clock, state } = await subject();
    const lease = held(await claim('key'));
    await clock.advance(LEASE * SECOND + 1);
    await lease.settle();
    expect(await state('key')).toBe('done');
  });

  test.each(['renew', 'settle', 'release'] as const)(
    'a holder whose lease ran out takes nothing from the next one: %s',
    async (act) => {
      const { claim, clock, state } = await subject();
      const stale = held(await claim('key'));
      await clock.advance(LEASE * SECOND);
      const next = held(await claim('key'));
      await stale[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE * SECOND - 1);
      expect(await state('key')).toBe('busy');
      await clock.advance(1);
      expect(await state('key')).toBe('claimed');
      await next[act]();
    },
  );

  test.each(['renew', 'settle', 'release'] as const)(
    'a holder who released has no say any more: %s',
    async (act) => {
      const { claim, clock, state } = await subject();
      const first = held(await claim('key'));
      await first.release();
      await claim('key');
      await first[act]();
      expect(await state('key')).toBe('busy');
      await clock.advance(LEASE * SECOND);
      expect(await state('key')).toBe('claimed');
    },
  );

  test.each(['renew', 'release', 'settle'] as const)('what is done stays done: %s', async (act) => {
    const { claim, clock, state } = await subject();
    const lease = held(await claim('key'));
    await lease.settle();
    await lease[act]();
    expect(await state('key')).toBe('done');
    await clock.advance(LEASE * SECOND);
    expect(await state('key')).toBe('done');
  });

  test('a holder who settles late does not undo what the next one settled', async () => {
    const { claim, clock, state } = await subject();
    const stale = held(await claim('key'));
    await clock.advance(LEASE * SECOND);
    await held(await claim('key')).settle();
    await stale.release();
    expect(await state('key')).toBe('done');
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'ключ', 'k'.repeat(200)])(
    'any text is a key of its own: %j',
    async (key) => {
      const { claim, state } = await subject();
      await held(await claim(key)).settle();
      expect(await state(key)).toBe('done');
      expect(await state(`${key}x`)).toBe('claimed');
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
      claim: (key: string) => ledger.claim({ key, also: call, partition: 'call' }, LEASE),
      again: async (key: string) => (await ledger.claim({ key, also: call, partition: 'call' }, LEASE)).state,
      common: async () => (await ledger.claim({ key: 'call', partition: 'call' }, LEASE)).state,
    };
  }

  test('an event is claimed together with what it has in common with others', async () => {
    const { again, claim, common } = await subject();
    await claim('one');
    expect([await again('one'), await common()]).toEqual(['busy', 'busy']);
  });

  test('while one delivery of a call is in hand the other is busy, and neither key of it is held', async () => {
    const { again, claim } = await subject();
    const first = held(await claim('one'));
    expect(await again('two')).toBe('busy');
    await first.release();
    expect(await again('two')).toBe('claimed');
  });

  test('when one delivery of a call is done the other is done as well, and stays so', async () => {
    const { again, claim, clock } = await subject();
    await held(await claim('one')).settle();
    expect(await again('two')).toBe('done');
    await clock.advance(3600 * SECOND);
    expect([await again('one'), await again('two')]).toEqual(['done', 'done']);
  });

  test('what events have in common is forgotten after its time, and not before', async () => {
    const { again, claim, clock } = await subject();
    await held(await claim('one')).settle();
    await clock.advance(60 * SECOND - 1);
    expect(await again('two')).toBe('done');
    await clock.advance(1);
    expect(await again('three')).toBe('claimed');
  });

  test('a failure frees both, and either delivery may come again', async () => {
    const { again, claim } = await subject();
    await held(await claim('one')).release();
    await held(await claim('two')).release();
    expect(await again('one')).toBe('claimed');
  });

  test('a renewed claim keeps both', async () => {
    const { again, claim, clock, common } = await subject();
    const lease = held(await claim('one'));
    await clock.advance((LEASE - 1) * SECOND);
    await lease.renew();
    await clock.advance((LEASE - 1) * SECOND);
    expect([await again('one'), await common()]).toEqual(['busy', 'busy']);
  });

  test('a claim that ran out frees both', async () => {
    const { again, claim, clock } = await subject();
    await claim('one');
    await clock.advance(LEASE * SECOND);
    expect([await again('two'), await again('one')]).toEqual(['claimed', 'busy']);
  });

  test.each(['renew', 'settle', 'release'] as const)(
    'a holder whose lease ran out takes nothing from the other delivery: %s',
    async (act) => {
      const { again, claim, clock } = await subject();
      const stale = held(await claim('one'));
      await clock.advance(LEASE * SECOND);
      await claim('two');
      await stale[act]();
      expect(await again('two')).toBe('busy');
      expect(await again('one')).toBe('busy');
    },
  );

  test('of many deliveries of a call at once one is handed over', async () => {
    const { claim } = await subject();
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(`event-${index % 5}`)));
    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
  });
}

/** What every ledger keeps to of names that are bound to values. */
export function keepsTheBindingContract(newSubject: () => Subject | Promise<Subject>): void {
  test('the first value holds, and whoever comes after is told it', async () => {
    const { ledger } = await newSubject();
    expect(await ledger.bind('name', 'first', 60)).toBe('first');
    expect(await ledger.bind('name', 'second', 60)).toBe('first');
    expect(await ledger.bind('name', 'first', 60)).toBe('first');
    expect(await ledger.bind('other', 'second', 60)).toBe('second');
  });

  test('what is bound can be looked up, and looking binds nothing', async () => {
    const { ledger, clock } = await newSubject();
    expect(await ledger.bound('name')).toBeUndefined();
    await ledger.bind('name', 'first', 60);
    expect([await ledger.bound('name'), await ledger.bound('other')]).toEqual(['first', undefined]);
    await clock.advance(60 * SECOND);
    expect(await ledger.bound('name')).toBeUndefined();
  });

  test('of many who bind a name at once all are told the same value, which is one of theirs', async () => {
    const { ledger } = await newSubject();
    const values = Array.from({ length: 50 }, (_, index) => `value-${index}`);
    const bound = new Set(await Promise.all(values.map((value) => ledger.bind('name', value, 60))));
    expect(bound.size).toBe(1);
    expect(values).toEqual(expect.arrayContaining([...bound]));
  });

  test('a binding holds for its time from the first value on, and is free afterwards', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.bind('name', 'first', 60);
    await clock.advance(59 * SECOND);
    expect(await ledger.bind('name', 'second', 60)).toBe('first');
    await clock.advance(SECOND);
    expect(await ledger.bind('name', 'second', 60)).toBe('second');
  });

  test('bindings of different length do not shorten one another', async () => {
    const { ledger, clock } = await newSubject();
    await ledger.bind('long', 'first', 3600);
    await ledger.bind('short', 'first', 1);
    await clock.advance(60 * SECOND);
    await ledger.bind('another', 'first', 1);
    expect(await ledger.bind('long', 'second', 3600)).toBe('first');
    expect(await ledger.bind('short', 'second', 3600)).toBe('second');
  });

  test('bindings and claims know nothing of one another', async () => {
    const { ledger } = await newSubject();
    await held(await ledger.claim({ key: 'name' }, LEASE)).settle();
    expect(await ledger.bind('name', 'value', 60)).toBe('value');
    expect((await ledger.claim({ key: 'name' }, LEASE)).state).toBe('done');
  });

  test.each(['__proto__', 'constructor', '', ' ', 'a/b?c#d\\e', 'имя'])(
    'any text is a name and a value of its own: %j',
    async (text) => {
      const { ledger } = await newSubject();
      expect(await ledger.bind(text, text, 60)).toBe(text);
      expect(await ledger.bind(text, 'other', 60)).toBe(text);
      expect(await ledger.bind(`${text}x`, 'other', 60)).toBe('other');
    },
  );
}

/** The lease of a claim that must have been had. */
export function held(claim: Claim): Lease {
  if (claim.state !== 'claimed') throw new Error(`the key is ${claim.state}`);
  return claim.lease;
}
