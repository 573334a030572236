import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import type { Lease, Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock } from '../../clock.ts';
import { counted, tried } from '../../harden/extent.ts';
import { command, playSequences } from '../../support/commands.ts';

// Two instances with one shared ledger. In any order: outages, deliveries that succeed, fail or crash, waits, and changes of
// the wall clock. The promises of the ledger always hold.
const RUNS = counted({ test: 100, short: 5000, long: 100_000 });
const SECOND_MS = 1000;
const LEASE_SECONDS = 8;
/** How long a key stays done: not days, of which an instance would try every second to write what it completed. */
const REMEMBERED_SECONDS = 600;
const INSTANCES = 2;
const EVENTS = 3;

/** A lease that an instance has not ended. */
type Held = {
  readonly instance: number;
  readonly event: number;
  readonly lease: Lease;
  /** When the shared ledger last granted or renewed it. */
  at: number;
  /** When its own instance did. */
  here: number;
};

const newModel = () => ({
  out: false,
  /** When an event was completed in the shared ledger. */
  completedAt: new Map<number, number>(),
  /** When an instance completed it, whether or not the shared ledger was told. */
  completedBy: new Map<string, number>(),
  held: [] as Held[],
  /** The last lease of an event, of all and on each instance. Earlier leases of the event change nothing any more. */
  latest: new Map<string, Held>(),
  succeeded: new Set<number>(),
  /** When a key was last acquired or renewed by any instance, whether or not it succeeded. */
  touchedAt: new Map<number, number>(),
  /** Events whose state the shared ledger does not know completely. */
  guessed: new Set<number>(),
});
type Model = ReturnType<typeof newModel>;

function newReal(model: Model, mode: LedgerOutage) {
  const clock = manualClock();
  const shared = withOutages(memoryLedger(clock), () => model.out);
  const started = () => twoTierLedger(shared, memoryLedger(clock), mode, clock, () => {});
  return { clock, mode, started, instances: Array.from({ length: INSTANCES }, started) };
}
type Real = ReturnType<typeof newReal>;

/** A ledger that throws an `Outage` and does nothing while it is out. */
function withOutages(ledger: Ledger, isCut: () => boolean): Ledger {
  const reached = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (isCut()) throw new Outage('ledger-unavailable');
    return work();
  };
  return {
    ...ledger,
    async acquire(key, leaseSeconds) {
      const acquisition = await reached(() => ledger.acquire(key, leaseSeconds));
      if (acquisition.state !== 'acquired') return acquisition;
      const { lease } = acquisition;
      return {
        state: 'acquired',
        lease: {
          renew: () => reached(lease.renew),
          complete: () => reached(lease.complete),
          release: () => reached(lease.release),
          confirmedAt: lease.confirmedAt,
        },
      };
    },
    get: (name) => reached(() => ledger.get(name)),
    putIfAbsent: (...given) => reached(() => ledger.putIfAbsent(...given)),
    isAvailable: () => !isCut(),
  };
}

const unlessOut = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work;
    return true;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Outage);
    return false;
  }
};

const begin = (instance: number, event: number) =>
  command<Model, Real>(`begin(${instance}, ${event})`, async (model, { instances, clock, mode }) => {
    const now = clock.ticks();
    const completed = model.completedAt.get(event);
    const remembered = completed !== undefined && now - completed < REMEMBERED_SECONDS * SECOND_MS;
    let state: string;
    let held: Held | undefined;
    // A new attempt on the same instance ends a lease that expired there.
    const own = model.latest.get(`${instance}:${event}`);
    if (own && now - own.here >= LEASE_SECONDS * SECOND_MS) model.latest.delete(`${instance}:${event}`);
    try {
      const acquisition = await (instances[instance] as Ledger).acquire(
        { key: `event-${event}`, seconds: REMEMBERED_SECONDS },
        LEASE_SECONDS,
      );
      state = acquisition.state;
      if (acquisition.state === 'acquired')
        held = { instance, event, lease: acquisition.lease, at: now, here: now };
    } catch (thrown) {
      // Only an outage stops a delivery, and only under `refuse`.
      expect(thrown).toBeInstanceOf(Outage);
      expect([model.out, mode]).toEqual([true, 'refuse']);
      return;
    }
    const touched = model.touchedAt.get(event) ?? Number.NEGATIVE_INFINITY;
    if (held) {
      // A completed event stays done. Only under `proceed`, during an outage, another instance can acquire it again.
      if (!model.out && remembered)
        expect.unreachable(`event ${event} is acquired although it was completed`);
      if (mode === 'refuse' && remembered) expect.unreachable(`event ${event} is acquired in an outage`);
      const here = model.completedBy.get(`${instance}:${event}`) ?? Number.NEGATIVE_INFINITY;
      expect(now - here).toBeGreaterThanOrEqual(REMEMBERED_SECONDS * SECOND_MS);
      // No instance acquires a key that another holds, unless an outage hides it.
      const others = model.held.filter(
        (one) => one.event === event && now - one.at < LEASE_SECONDS * SECOND_MS,
      );
      if (!model.guessed.has(event) && !model.out) expect(others).toEqual([]);
      model.held.push(held);
      model.latest.set(`${event}`, held).set(`${instance}:${event}`, held);
      if (model.out) model.guessed.add(event);
      model.touchedAt.set(event, now);
    }
    // No event is lost: it is done only after a success, and busy no longer than a lease.
    if (state === 'done') expect(model.succeeded).toContain(event);
    if (state === 'busy') expect(now - touched).toBeLessThan(LEASE_SECONDS * SECOND_MS);
  });

const end = (which: number, how: 'complete' | 'release' | 'renew') =>
  command<Model, Real>(`${how}(${which})`, async (model, { clock }) => {
    const held = model.held[which];
    if (!held) return;
    const { instance, event, lease } = held;
    const now = clock.ticks();
    if (how === 'renew') {
      const isTold = await unlessOut(lease.renew());
      // The instance extends its own lease in any case, even if the shared ledger cannot be told or refuses.
      model.touchedAt.set(event, now);
      if (model.latest.get(`${instance}:${event}`) === held) held.here = now;
      if (isTold && model.latest.get(`${event}`) === held) held.at = now;
      if (!isTold) model.guessed.add(event);
      return;
    }
    model.held.splice(which, 1);
    const isTold = await unlessOut(lease[how]());
    if (how === 'release') {
      if (!isTold) model.guessed.add(event);
      return;
    }
    model.succeeded.add(event);
    // An expired lease may be lost by now. Then nothing is recorded.
    if (model.latest.get(`${instance}:${event}`) === held) model.completedBy.set(`${instance}:${event}`, now);
    if (!isTold) model.guessed.add(event);
    else if (model.latest.get(`${event}`) === held && !model.guessed.has(event))
      model.completedAt.set(event, now);
  });

const instance = fc.nat(INSTANCES - 1);
const event = fc.nat(EVENTS - 1);
const commands = fc.commands(
  [
    fc.tuple(instance, event).map((about) => begin(...about)),
    fc.tuple(instance, event).map((about) => begin(...about)),
    fc
      .tuple(fc.nat(3), fc.constantFrom('complete', 'complete', 'release', 'renew'))
      .map((about) => end(...about)),
    fc.boolean().map((out) =>
      command<Model, Real>(out ? 'the ledger goes away' : 'the ledger is back', (model) => {
        model.out = out;
      }),
    ),
    fc
      .constantFrom(1, 3, 7, 8, 9, 60, REMEMBERED_SECONDS + 1)
      .map((seconds) =>
        command<Model, Real>(`wait(${seconds})`, (_model, { clock }) => clock.advance(seconds * SECOND_MS)),
      ),
    fc
      .constantFrom(-86_400, 86_400)
      .map((seconds) =>
        command<Model, Real>(`set the clock by ${seconds}`, (_model, { clock }) => clock.step(seconds)),
      ),
    instance.map((which) =>
      command<Model, Real>(`crash(${which})`, (model, real) => {
        real.instances[which] = real.started();
        const left = model.held.filter((one) => one.instance !== which);
        model.held.splice(0, model.held.length, ...left);
        for (const by of model.completedBy.keys())
          if (by.startsWith(`${which}:`)) model.completedBy.delete(by);
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

test.each<LedgerOutage>(['proceed', 'refuse'])(
  'in any order of outages, crashes, waits and clock changes, the promises of the ledger hold (%s)',
  async (mode) => {
    const steps = await playSequences<Model, Real>(commands, RUNS, () => {
      const model = newModel();
      return { model, real: newReal(model, mode) };
    });
    tried({
      what: `sequences of events around the ledger, ${mode} (${steps} steps)`,
      times: RUNS,
      found: [],
    });
  },
);
