import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Awaitable } from '../../../shared/awaitable.ts';
import type { Acquisition, Lease } from '../../../shared/ledger/ledger.ts';
import { claims } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { startTable, unique } from '../../support/table.ts';
import { held } from './contract.ts';

const LEASE = 8;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const stateOf = async (claim: Awaitable<Acquisition>) => (await claim).state;

describe('a claim whose answer comes after its lease ran out', () => {
  /** One instance whose first change is answered after two leases, and another. */
  function slowAndQuick() {
    const clock = manualClock();
    const table = memoryTable();
    let isFirst = true;
    const change: typeof table.change = async (...asked) => {
      const wait = isFirst;
      isFirst = false;
      const etags = await table.change(...asked);
      if (wait) await clock.sleep(2 * LEASE * 1000);
      return etags;
    };
    const slow = claims({ ...table, change }, clock)({ key: 'event' }, LEASE);
    return { clock, slow, quick: () => stateOf(claims(table, clock)({ key: 'event' }, LEASE)) };
  }

  test('is no claim where somebody took it over meanwhile', async () => {
    const { clock, slow, quick } = slowAndQuick();
    await clock.advance(LEASE * 1000);
    expect(await quick()).toBe('acquired');
    await clock.advance(LEASE * 1000);
    expect(await stateOf(slow)).toBe('busy');
  });

  test('stands where nobody did, and for the length of its lease from then on', async () => {
    const { clock, slow, quick } = slowAndQuick();
    await clock.advance(2 * LEASE * 1000);
    expect(await stateOf(slow)).toBe('acquired');
    expect(await quick()).toBe('busy');
    await clock.advance(LEASE * 1000);
    expect(await quick()).toBe('acquired');
  });
});

describe('a claim whose lease ran out while the table was out', () => {
  /** One instance holds a key, and another has seen the outage as well. */
  async function afterAnOutage() {
    const clock = manualClock();
    const [holder, witness] = [table.instance(clock), table.instance(clock)];
    await Promise.all([holder.ledger.warm(), witness.ledger.warm()]);
    const key = unique();
    const lease = held(await holder.ledger.acquire({ key }, LEASE));
    await table.azurite.down();
    for (const { ledger } of [holder, witness]) await Promise.resolve(ledger.get(key)).catch(() => {});
    await clock.advance(2 * LEASE * 1000);
    await table.azurite.up();
    return { clock, lease, claim: () => stateOf(witness.ledger.acquire({ key }, LEASE)) };
  }

  test('is not taken over before the table has been back for the length of a lease', async () => {
    const { clock, claim } = await afterAnOutage();
    expect(await claim()).toBe('busy');
    await clock.advance(LEASE * 1000 - 1);
    expect(await claim()).toBe('busy');
    await clock.advance(1);
    expect(await claim()).toBe('acquired');
  });

  test('can be settled by who held it, and is done for everybody', async () => {
    const { clock, claim, lease } = await afterAnOutage();
    expect(await claim()).toBe('busy');
    await lease.complete();
    expect(await claim()).toBe('done');
    await clock.advance(LEASE * 1000);
    expect(await claim()).toBe('done');
  });

  test('can be renewed by who held it, and stands for the length of its lease from then on', async () => {
    const { clock, claim, lease } = await afterAnOutage();
    expect(await claim()).toBe('busy');
    await clock.advance(1000);
    await lease.renew();
    await clock.advance(LEASE * 1000 - 1);
    expect(await claim()).toBe('busy');
    await clock.advance(1);
    expect(await claim()).toBe('acquired');
  });

  test('what was given back or done before is what it was', async () => {
    const { claim, lease } = await afterAnOutage();
    await lease.release();
    expect(await claim()).toBe('acquired');
  });
});

test('of instances that take over a claim at once one gets it', async () => {
  const clock = manualClock();
  const instances = Array.from({ length: 8 }, () => table.instance(clock));
  const key = unique();
  const alias = { key: unique('call'), seconds: 60 };
  const claimable = { key, alias, partition: 'p' };
  for (let turn = 0; turn < 3; turn++) {
    const states = await Promise.all(
      instances.map(({ ledger }) => stateOf(ledger.acquire(claimable, LEASE))),
    );
    expect(states.filter((state) => state === 'acquired')).toHaveLength(1);
    expect(states.filter((state) => state === 'busy')).toHaveLength(7);
    await clock.advance(LEASE * 1000);
  }
});

test('an instance whose clock is behind by half a lease keeps what it renews', async () => {
  const [clock, behind] = [manualClock(), manualClock()];
  const [one, other] = [table.instance(clock), table.instance(behind)];
  behind.step(-LEASE / 2);
  const key = unique();
  const lease = held(await other.ledger.acquire({ key }, LEASE));
  for (let turn = 0; turn < 4; turn++) {
    await Promise.all([clock.advance((LEASE * 1000) / 3), behind.advance((LEASE * 1000) / 3)]);
    expect(await stateOf(one.ledger.acquire({ key }, LEASE))).toBe('busy');
    await lease.renew();
  }
  await lease.complete();
  expect(await stateOf(one.ledger.acquire({ key }, LEASE))).toBe('done');
});

test('whatever instances do in whatever order, no two hold a key at once and nothing settled is handed out again', async () => {
  const action = fc.record({
    what: fc.constantFrom('acquire', 'acquire', 'renew', 'complete', 'release', 'wait', 'lose'),
    instance: fc.nat(1),
    key: fc.constantFrom('a', 'b'),
    which: fc.nat(3),
    milliseconds: fc.nat(12_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 16 }), async (actions) => {
      const clock = manualClock();
      const [one, other] = [table.instance(clock), table.instance(clock)];
      await Promise.all([one.ledger.warm(), other.ledger.warm()]);
      const own = unique();
      type Held = { key: string; lease: Lease; until: number };
      const leases: Held[] = [];
      const [ended, done] = [new Set<Held>(), new Set<string>()];
      const holder = (key: string) => leases.findLast((lease) => lease.key === key);
      for (const { what, instance, key, which, milliseconds } of actions) {
        if (what === 'wait') await clock.advance(milliseconds);
        else if (what === 'lose') {
          // One at a time: three in a row are an outage.
          table.proxy.well();
          table.proxy.next('answer-lost');
        } else if (what === 'acquire') {
          const claim = await (instance === 0 ? one : other).ledger.acquire({ key: own + key }, LEASE);
          const last = holder(key);
          const isHeld = last !== undefined && !ended.has(last) && last.until > clock.ticks();
          expect(claim.state).toBe(done.has(key) ? 'done' : isHeld ? 'busy' : 'acquired');
          if (claim.state === 'acquired') {
            leases.push({ key, lease: claim.lease, until: clock.ticks() + LEASE * 1000 });
          }
        } else {
          const lease = leases.at(-1 - which);
          if (!lease) continue;
          await lease.lease[what]();
          if (holder(lease.key) !== lease || ended.has(lease)) continue;
          if (what === 'renew') lease.until = clock.ticks() + LEASE * 1000;
          else ended.add(lease);
          if (what === 'complete') done.add(lease.key);
        }
      }
      table.proxy.well();
    }),
    { numRuns: 8 },
  );
});
