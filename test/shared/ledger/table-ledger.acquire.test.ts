import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import type { Acquisition, Lease } from '../../../shared/ledger/ledger.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { startTable, unique } from '../../support/table.ts';
import { held } from './contract.ts';

const LEASE_SECONDS = 8;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const stateOf = async (acquired: Promise<Acquisition>) => (await acquired).state;

describe('an answer to acquire that arrives after the lease expired', () => {
  /** One instance whose first change is answered after two leases, and another. */
  function slowAndQuick() {
    const clock = manualClock();
    const table = memoryTable();
    let isFirst = true;
    const write: typeof table.write = async (...asked) => {
      const wait = isFirst;
      isFirst = false;
      const etag = await table.write(...asked);
      if (wait) await clock.sleep(2 * LEASE_SECONDS * 1000);
      return etag;
    };
    const slow = tableLedger({ ...table, write }, clock).acquire({ key: 'event' }, LEASE_SECONDS);
    return {
      clock,
      slow,
      quick: () => stateOf(tableLedger(table, clock).acquire({ key: 'event' }, LEASE_SECONDS)),
    };
  }

  test('is busy if another instance took the key meanwhile', async () => {
    const { clock, slow, quick } = slowAndQuick();
    await clock.advance(LEASE_SECONDS * 1000);
    expect(await quick()).toBe('acquired');
    await clock.advance(LEASE_SECONDS * 1000);
    expect(await stateOf(slow)).toBe('busy');
  });

  test('is a lease otherwise, for its full length from then on', async () => {
    const { clock, slow, quick } = slowAndQuick();
    await clock.advance(2 * LEASE_SECONDS * 1000);
    expect(await stateOf(slow)).toBe('acquired');
    expect(await quick()).toBe('busy');
    await clock.advance(LEASE_SECONDS * 1000);
    expect(await quick()).toBe('acquired');
  });
});

describe('a lease that expired during an outage of the table', () => {
  /** One instance holds a key, and another has noticed the outage too. */
  async function afterAnOutage() {
    const clock = manualClock();
    const [holder, witness] = [table.instance(clock), table.instance(clock)];
    await Promise.all([holder.ledger.warm(), witness.ledger.warm()]);
    const key = unique();
    const lease = held(await holder.ledger.acquire({ key }, LEASE_SECONDS));
    await table.azurite.down();
    for (const { ledger } of [holder, witness]) await ledger.get(key).catch(() => {});
    await clock.advance(2 * LEASE_SECONDS * 1000);
    await table.azurite.up();
    return { clock, key, lease, again: () => stateOf(witness.ledger.acquire({ key }, LEASE_SECONDS)) };
  }

  test('is not taken over before the table was available for the length of a lease', async () => {
    const { clock, again } = await afterAnOutage();
    expect(await again()).toBe('busy');
    await clock.advance(LEASE_SECONDS * 1000 - 1);
    expect(await again()).toBe('busy');
    await clock.advance(1);
    expect(await again()).toBe('acquired');
  });

  test('can be completed by its holder, and the key is done for everybody', async () => {
    const { clock, again, lease } = await afterAnOutage();
    expect(await again()).toBe('busy');
    await lease.complete();
    expect(await again()).toBe('done');
    await clock.advance(LEASE_SECONDS * 1000);
    expect(await again()).toBe('done');
  });

  test('can be renewed by its holder, and lasts for its full length from then on', async () => {
    const { clock, again, lease } = await afterAnOutage();
    expect(await again()).toBe('busy');
    await clock.advance(1000);
    await lease.renew();
    await clock.advance(LEASE_SECONDS * 1000 - 1);
    expect(await again()).toBe('busy');
    await clock.advance(1);
    expect(await again()).toBe('acquired');
  });

  test('is not taken over at once by an instance that started after it', async () => {
    const { clock, lease, key } = await afterAnOutage();
    const started = table.instance(clock).ledger;
    const again = () => stateOf(started.acquire({ key }, LEASE_SECONDS));
    expect(await again()).toBe('busy');
    await clock.advance(1000);
    await lease.renew();
    await clock.advance(LEASE_SECONDS * 1000 - 1);
    expect(await again()).toBe('busy');
    await clock.advance(1);
    expect(await again()).toBe('acquired');
  });

  test('can be released by its holder, and the key is free at once', async () => {
    const { again, lease } = await afterAnOutage();
    await lease.release();
    expect(await again()).toBe('acquired');
  });
});

test('of instances that take over an expired key at once, one gets it', async () => {
  const clock = manualClock();
  const instances = Array.from({ length: 8 }, () => table.instance(clock));
  const key = unique();
  const alias = { key: unique('call'), seconds: 60 };
  const event = { key, alias };
  for (let turn = 0; turn < 3; turn++) {
    const states = await Promise.all(
      instances.map(({ ledger }) => stateOf(ledger.acquire(event, LEASE_SECONDS))),
    );
    expect(states.filter((state) => state === 'acquired')).toHaveLength(1);
    expect(states.filter((state) => state === 'busy')).toHaveLength(7);
    await clock.advance(LEASE_SECONDS * 1000);
  }
});

test('in any order of their requests, one of the callers for a call acquires it, also after a crash', async () => {
  const alias = { key: 'call', seconds: 60 };
  const event = fc.constantFrom('one', 'two');
  /** Which of its two rows an instance wrote for the first event before it crashed. */
  const crashed = fc.constantFrom<readonly number[]>([], [0], [1], [0, 1]);
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(event, { minLength: 2, maxLength: 4 }),
      crashed,
      async (s, events, written) => {
        const [clock, table] = [manualClock(), memoryTable()];
        let writes = 0;
        const write: typeof table.write = async (...row) => {
          if (!written.includes(writes++)) throw new Outage('ledger-unavailable');
          return table.write(...row);
        };
        await tableLedger({ ...table, write }, clock)
          .acquire({ key: 'one', alias }, LEASE_SECONDS)
          .catch(() => {});
        expect(table.rows.size).toBe(written.length);
        await clock.advance(LEASE_SECONDS * 1000);
        const inAnyOrder = {
          ...table,
          write: s.scheduleFunction(table.write),
          read: s.scheduleFunction(table.read),
          remove: s.scheduleFunction(table.remove),
        };
        const states = await s.waitFor(
          Promise.all(
            events.map((key) =>
              stateOf(tableLedger(inAnyOrder, clock).acquire({ key, alias }, LEASE_SECONDS)),
            ),
          ),
        );
        expect(states.toSorted()).toEqual(['acquired', ...Array(events.length - 1).fill('busy')]);
      },
    ),
    { numRuns: 500 },
  );
});

test('an instance whose clock is half a lease behind keeps the lease that it renews', async () => {
  const [clock, behind] = [manualClock(), manualClock()];
  const [one, other] = [table.instance(clock), table.instance(behind)];
  behind.step(-LEASE_SECONDS / 2);
  const key = unique();
  const lease = held(await other.ledger.acquire({ key }, LEASE_SECONDS));
  for (let turn = 0; turn < 4; turn++) {
    await Promise.all([
      clock.advance((LEASE_SECONDS * 1000) / 3),
      behind.advance((LEASE_SECONDS * 1000) / 3),
    ]);
    expect(await stateOf(one.ledger.acquire({ key }, LEASE_SECONDS))).toBe('busy');
    await lease.renew();
  }
  await lease.complete();
  expect(await stateOf(one.ledger.acquire({ key }, LEASE_SECONDS))).toBe('done');
});

test('in any order of actions, no two instances hold a key at once, and a done key is never acquired again', async () => {
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
          // One lost answer at a time: three in a row are an outage.
          table.proxy.well();
          table.proxy.next('answer-lost');
        } else if (what === 'acquire') {
          const acquisition = await (instance === 0 ? one : other).ledger.acquire(
            { key: own + key },
            LEASE_SECONDS,
          );
          const last = holder(key);
          const isHeld = last !== undefined && !ended.has(last) && last.until > clock.ticks();
          expect(acquisition.state).toBe(done.has(key) ? 'done' : isHeld ? 'busy' : 'acquired');
          if (acquisition.state === 'acquired') {
            leases.push({ key, lease: acquisition.lease, until: clock.ticks() + LEASE_SECONDS * 1000 });
          }
        } else {
          const lease = leases.at(-1 - which);
          if (!lease) continue;
          await lease.lease[what]();
          if (holder(lease.key) !== lease || ended.has(lease)) continue;
          if (what === 'renew') lease.until = clock.ticks() + LEASE_SECONDS * 1000;
          else ended.add(lease);
          if (what === 'complete') done.add(lease.key);
        }
      }
      table.proxy.well();
    }),
    { numRuns: 8 },
  );
});
