import { expect, test } from 'vitest';
import { claimEvent } from '../../../shared/delivery/claim-event.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/outage.ts';
import { manualClock } from '../../clock.ts';
import { held } from '../ledger/contract.ts';

const LEASE = 8;
const call = { key: 'call', seconds: 60 };

/** One ledger, and two events that tell of the same call. */
function subject() {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const claim = (key: string, also?: typeof call) =>
    claimEvent({ key, ...(also && { also }) }, ledger, LEASE);
  const state = async (key: string) => (await ledger.claim(key, LEASE)).state;
  return { clock, ledger, claim, state };
}

test('an event that has nothing in common with others is claimed by its own key alone', async () => {
  const { claim, state } = subject();
  await held(await claim('one')).settle();
  expect([await state('one'), await state('call')]).toEqual(['done', 'claimed']);
});

test('an event is claimed together with what it has in common with others', async () => {
  const { claim, state } = subject();
  await claim('one', call);
  expect([await state('one'), await state('call')]).toEqual(['busy', 'busy']);
});

test('while one delivery of a call is in hand the other is busy, and its own key is free again', async () => {
  const { claim, state } = subject();
  const first = held(await claim('one', call));
  expect((await claim('two', call)).state).toBe('busy');
  await first.release();
  expect(await state('two')).toBe('claimed');
});

test('when one delivery of a call is done the other is done as well, and stays so', async () => {
  const { clock, claim } = subject();
  await held(await claim('one', call)).settle();
  expect((await claim('two', call)).state).toBe('done');
  await clock.advance(3_600_000);
  expect([(await claim('one', call)).state, (await claim('two', call)).state]).toEqual(['done', 'done']);
});

test('what events have in common is forgotten after its time, and not before', async () => {
  const { clock, claim } = subject();
  await held(await claim('one', call)).settle();
  await clock.advance(59_999);
  expect((await claim('two', call)).state).toBe('done');
  await clock.advance(1);
  expect((await claim('three', call)).state).toBe('claimed');
});

test('a failure frees both, and either delivery may come again', async () => {
  const { claim } = subject();
  await held(await claim('one', call)).release();
  await held(await claim('two', call)).release();
  expect((await claim('one', call)).state).toBe('claimed');
});

test('a renewed claim keeps both', async () => {
  const { clock, claim, state } = subject();
  const lease = held(await claim('one', call));
  await clock.advance(7000);
  await lease.renew();
  await clock.advance(7000);
  expect([await state('one'), await state('call')]).toEqual(['busy', 'busy']);
});

test('of many deliveries of a call at once one is handed over', async () => {
  const { claim } = subject();
  const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(`event-${index}`, call)));
  expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
});

test('an outage half-way leaves nothing claimed', async () => {
  const { ledger, state } = subject();
  const halfDown: Ledger = {
    ...ledger,
    claim: (key, seconds) =>
      key === 'call' ? Promise.reject(new Outage('ledger-unavailable')) : ledger.claim(key, seconds),
  };
  await expect(claimEvent({ key: 'one', also: call }, halfDown, LEASE)).rejects.toMatchObject({
    reason: 'ledger-unavailable',
  });
  expect(await state('one')).toBe('claimed');
});
