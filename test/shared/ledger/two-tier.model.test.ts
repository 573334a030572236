import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Awaitable } from '../../../shared/awaitable.ts';
import { Outage } from '../../../shared/errors.ts';
import { REMEMBERED_SECONDS } from '../../../shared/ledger/ledger.ts';
import type { Lease, Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock } from '../../clock.ts';
import { counted, tried } from '../../harden/extent.ts';
import { command, playSequences } from '../../support/commands.ts';

// Two instances before one shared ledger that goes away and comes back, deliveries that end well, fail or are cut off by a
// crash, waits and clocks that are set, in any order: what is promised of the ledger holds.
const RUNS = counted({ test: 100, short: 5000, long: 100_000 });
const SECOND = 1000;
const LEASE = 8;
const INSTANCES = 2;
const EVENTS = 3;

/** A claim that an instance got and has not ended. */
type Held = {
  readonly instance: number;
  readonly event: number;
  readonly lease: Lease;
  /** Since when the shared ledger lets it stand, and since when its own instance does. */
  at: number;
  here: number;
};

const newModel = () => ({
  out: false,
  /** When an event was settled and the shared ledger heard of it. */
  settledAt: new Map<number, number>(),
  /** And when an instance settled it, heard or not. */
  settledBy: new Map<string, number>(),
  held: [] as Held[],
  /** Who got an event last, of all and on each instance: whoever got it before has nothing to say any more. */
  latest: new Map<string, Held>(),
  endedWell: new Set<number>(),
  /** When a claim was last taken or renewed, by whomever and whatever came of it. */
  touchedAt: new Map<number, number>(),
  /** Events of which the shared ledger does not know all. */
  guessed: new Set<number>(),
});
type Model = ReturnType<typeof newModel>;

function newReal(model: Model, mode: LedgerOutage) {
  const clock = manualClock();
  const shared = goingAway(memoryLedger(clock), () => model.out);
  const started = () => twoTierLedger(shared, memoryLedger(clock), mode, clock);
  return { clock, mode, started, instances: Array.from({ length: INSTANCES }, started) };
}
type Real = ReturnType<typeof newReal>;

/** The line to a ledger elsewhere, which may be cut: then nothing gets there. */
function goingAway(ledger: Ledger, isCut: () => boolean): Ledger {
  const reached = async <Answer>(work: () => Awaitable<Answer>): Promise<Answer> => {
    if (isCut()) throw new Outage('ledger-unavailable');
    return work();
  };
  return {
    ...ledger,
    async acquire(what, leaseSeconds) {
      const claim = await reached(() => ledger.acquire(what, leaseSeconds));
      if (claim.state !== 'acquired') return claim;
      const { lease } = claim;
      return {
        state: 'acquired',
        lease: {
          renew: () => reached(lease.renew),
          complete: () => reached(lease.complete),
          release: () => reached(lease.release),
        },
      };
    },
    get: (name) => reached(() => ledger.get(name)),
    putIfAbsent: (...binding) => reached(() => ledger.putIfAbsent(...binding)),
    isAvailable: () => !isCut(),
  };
}

const unlessOut = async (work: Awaitable<unknown>): Promise<boolean> => {
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
    const settled = model.settledAt.get(event);
    const remembered = settled !== undefined && now - settled < REMEMBERED_SECONDS * SECOND;
    let state: string;
    let held: Held | undefined;
    // Where its lease has run out on its own instance, an attempt there is enough to end it.
    const own = model.latest.get(`${instance}:${event}`);
    if (own && now - own.here >= LEASE * SECOND) model.latest.delete(`${instance}:${event}`);
    try {
      const claim = await (instances[instance] as Ledger).acquire({ key: `event-${event}` }, LEASE);
      state = claim.state;
      if (claim.state === 'acquired') held = { instance, event, lease: claim.lease, at: now, here: now };
    } catch (thrown) {
      // Nothing but the outage keeps a delivery, and only where that was asked for.
      expect(thrown).toBeInstanceOf(Outage);
      expect([model.out, mode]).toEqual([true, 'refuse']);
      return;
    }
    const touched = model.touchedAt.get(event) ?? Number.NEGATIVE_INFINITY;
    if (held) {
      // What is settled stays so. Only who goes on in an outage can get it twice, from an instance that did not settle it.
      if (!model.out && remembered) expect.unreachable(`event ${event} is claimed although it was settled`);
      if (mode === 'refuse' && remembered) expect.unreachable(`event ${event} is claimed in an outage`);
      const here = model.settledBy.get(`${instance}:${event}`) ?? Number.NEGATIVE_INFINITY;
      expect(now - here).toBeGreaterThanOrEqual(REMEMBERED_SECONDS * SECOND);
      // Nobody takes what somebody holds, unless nobody can tell.
      const others = model.held.filter((one) => one.event === event && now - one.at < LEASE * SECOND);
      if (!model.guessed.has(event) && !model.out) expect(others).toEqual([]);
      model.held.push(held);
      model.latest.set(`${event}`, held).set(`${instance}:${event}`, held);
      if (model.out) model.guessed.add(event);
      model.touchedAt.set(event, now);
    }
    // Nothing is lost: it is done only where it ended well, and busy no longer than a lease.
    if (state === 'done') expect(model.endedWell).toContain(event);
    if (state === 'busy') expect(now - touched).toBeLessThan(LEASE * SECOND);
  });

const end = (which: number, how: 'complete' | 'release' | 'renew') =>
  command<Model, Real>(`${how}(${which})`, async (model, { clock }) => {
    const held = model.held[which];
    if (!held) return;
    const { instance, event, lease } = held;
    const now = clock.ticks();
    if (how === 'renew') {
      const heard = await unlessOut(lease.renew());
      // The instance itself goes by its own lease also where somebody else got the event meanwhile, or nobody can tell.
      model.touchedAt.set(event, now);
      if (model.latest.get(`${instance}:${event}`) === held) held.here = now;
      if (heard && model.latest.get(`${event}`) === held) held.at = now;
      if (!heard) model.guessed.add(event);
      return;
    }
    model.held.splice(which, 1);
    const heard = await unlessOut(lease[how]());
    if (how === 'release') {
      if (!heard) model.guessed.add(event);
      return;
    }
    model.endedWell.add(event);
    // A lease that ran out may be somebody else's by now: then nothing is said of it.
    if (model.latest.get(`${instance}:${event}`) === held) model.settledBy.set(`${instance}:${event}`, now);
    if (!heard) model.guessed.add(event);
    else if (model.latest.get(`${event}`) === held && !model.guessed.has(event))
      model.settledAt.set(event, now);
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
      .constantFrom(1, 3, 7, 8, 9, 60, 3600, REMEMBERED_SECONDS + 1)
      .map((seconds) =>
        command<Model, Real>(`wait(${seconds})`, (_model, { clock }) => clock.advance(seconds * SECOND)),
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
        for (const by of model.settledBy.keys()) if (by.startsWith(`${which}:`)) model.settledBy.delete(by);
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

test.each<LedgerOutage>(['proceed', 'refuse'])(
  'whatever happens to the ledger, the clock and the instances, its promises hold (%s)',
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
