import { setImmediate as immediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { handleEvent } from '../../../shared/delivery/dispatch.ts';
import { acquireLease } from '../../../shared/delivery/leases.ts';
import { MAX_REPLY_BYTES } from '../../../shared/ledger/ledger.ts';
import type { Lease, Ledger } from '../../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { Outage } from '../../../shared/errors.ts';
import { isUnsettled, manualClock } from '../../clock.ts';
import type { ManualClock } from '../../clock.ts';
import { held } from '../ledger/contract.ts';

const LEASE = 8;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** One event on a ledger in memory, with a timeout that the test sets off. */
function event(change: { ledger?: Ledger; clock?: ManualClock } = {}) {
  const clock = change.clock ?? manualClock();
  const ledger = change.ledger ?? memoryLedger(clock);
  const timeout = new AbortController();
  const thrown: unknown[] = [];
  let [late, lost] = [0, 0];
  const options = {
    leaseSeconds: LEASE,
    clock,
    signal: timeout.signal,
    eventType: 'event',
    log: {
      handlerThrew: (_type: string, what: unknown) => void thrown.push(what),
      handlerCompletedLate: () => void late++,
      leaseLost: () => void lost++,
    },
  };
  return {
    clock,
    ledger,
    timeout,
    thrown,
    late: () => late,
    lost: () => lost,
    deliver: async (handler: (signal: AbortSignal) => unknown) =>
      handleEvent(await acquireLease({ key: 'key' }, ledger, options), handler, options),
    state: async () => (await ledger.acquire({ key: 'key' }, LEASE)).state,
  };
}

/** A handler that runs until the test ends it. */
function running() {
  const work = Promise.withResolvers<void>();
  let begun = 0;
  return { handler: () => (begun++, work.promise), begun: () => begun, end: work.resolve, fail: work.reject };
}

test.each<[string, () => unknown]>([
  ['that returns', () => 'anything'],
  ['that returns a promise', async () => {}],
  ['that returns an outcome of its own', () => 'handler-threw'],
  ['that returns an error without throwing it', () => new Error('harmless')],
])('an event is handled once by a handler %s', async (_what, handler) => {
  const { deliver, state, thrown } = event();
  let runs = 0;
  const counted = () => (runs++, handler());
  expect(await deliver(counted)).toBe('handled');
  expect(await deliver(counted)).toBe('handled-before');
  expect([runs, thrown, await state()]).toEqual([1, [], 'done']);
});

test('while an event is being handled another delivery of it finds it busy and runs nothing', async () => {
  const { deliver } = event();
  const { handler, begun, end } = running();
  const first = deliver(handler);
  expect(await deliver(handler)).toBe('delivery-in-progress');
  end();
  expect(await first).toBe('handled');
  expect(begun()).toBe(1);
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  [
    'rejects late',
    async () => {
      await Promise.resolve();
      throw new Error('broken');
    },
  ],
])('a handler that %s is told of, and the event may come again', async (_what, handler) => {
  const { deliver, thrown } = event();
  expect(await deliver(handler)).toBe('handler-threw');
  expect(thrown).toMatchObject([{ message: 'broken' }]);
  expect(await deliver(() => {})).toBe('handled');
});

test('an outage that a handler throws is a fault of the handler', async () => {
  const { deliver } = event();
  for (const reason of ['ledger-unavailable', 'keys-unavailable'] as const) {
    expect(await deliver(() => Promise.reject(new Outage(reason)))).toBe('handler-threw');
  }
});

test('at the timeout the answer does not wait, and the lease is kept until the handler has ended well', async () => {
  const { clock, deliver, state, timeout } = event();
  const { handler, end } = running();
  const delivery = deliver(handler);
  await clock.advance(20 * SECOND);
  expect(await isUnsettled(delivery)).toBe(true);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  for (let minute = 0; minute < 9; minute++) {
    await clock.advance(MINUTE);
    expect(await state()).toBe('busy');
  }
  end();
  expect(await isUnsettled(delivery)).toBe(false);
  expect(await state()).toBe('done');
});

test.each<[string, (signal: AbortSignal) => void, string, number]>([
  ['returns, its event is done, which is logged', () => {}, 'done', 1],
  ['throws, its event is free', (signal) => signal.throwIfAborted(), 'acquired', 0],
])('when a handler that stops at its signal %s', async (_how, stop, state, late) => {
  const { clock, timeout, ...one } = event();
  const delivery = one.deliver(async () => {
    await new Promise((resolve) => timeout.signal.addEventListener('abort', resolve, { once: true }));
    stop(timeout.signal);
  });
  await clock.advance(0);
  expect(one.late()).toBe(0);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  await clock.advance(0);
  expect([await one.state(), one.late()]).toEqual([state, late]);
});

test('a handler that ends in time is not late, however long its completion takes', async () => {
  const { deliver, clock, timeout, late } = event(remote({ complete: hanging }));
  const delivery = deliver(() => {});
  await clock.advance(SECOND);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  expect(late()).toBe(0);
});

test('a log that throws does not keep an event that was handled late from being done', async () => {
  const { clock, ledger, timeout, state } = event();
  const full = () => {
    throw new Error('the log is full');
  };
  const options = {
    leaseSeconds: LEASE,
    clock,
    signal: timeout.signal,
    eventType: 'event',
    log: { handlerThrew: () => {}, handlerCompletedLate: full, leaseLost: () => {} },
  };
  const { handler, end } = running();
  const delivery = handleEvent(await acquireLease({ key: 'key' }, ledger, options), handler, options);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  end();
  await clock.advance(0);
  expect(await state()).toBe('done');
});

test('a handler that fails after the timeout is told of, and the event may come again', async () => {
  const { clock, deliver, thrown, timeout } = event();
  const { handler, fail } = running();
  const delivery = deliver(handler);
  await clock.advance(0);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  await clock.advance(MINUTE);
  expect(await deliver(() => {})).toBe('handler-timed-out');
  fail(new Error('broken late'));
  await clock.advance(0);
  expect(thrown).toMatchObject([{ message: 'broken late' }]);
  expect(clock.sleepers()).toBe(0);
});

test('the lease of a handler that never ends is kept for ten minutes and no longer', async () => {
  const { clock, deliver, state, timeout } = event();
  const delivery = deliver(running().handler);
  await clock.advance(0);
  timeout.abort();
  await delivery;
  await clock.advance(10 * MINUTE);
  expect(await state()).toBe('busy');
  await clock.advance(2 * LEASE * SECOND);
  expect(await state()).toBe('acquired');
  expect(clock.sleepers()).toBe(0);
});

test('a handler whose lease expired after ten minutes takes nothing from the next one', async () => {
  const { clock, deliver, ledger, state, timeout } = event();
  const { handler, end } = running();
  const delivery = deliver(handler);
  await clock.advance(0);
  timeout.abort();
  await delivery;
  await clock.advance(11 * MINUTE);
  const next = held(await ledger.acquire({ key: 'key' }, LEASE));
  end();
  expect(await state()).toBe('busy');
  await next.release();
  expect(await state()).toBe('acquired');
});

test('a handler that heeds the signal has timed out, not failed', async () => {
  const { deliver, state, timeout } = event();
  const heeding = () =>
    new Promise((_resolve, reject) => {
      timeout.signal.addEventListener('abort', () => reject(timeout.signal.reason), { once: true });
    });
  const delivery = deliver(heeding);
  await immediate();
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  expect(await state()).toBe('acquired');
});

test('when the time is over before it begins, nothing is acquired and nothing runs', async () => {
  const { deliver, state, timeout } = event();
  const { handler, begun } = running();
  timeout.abort();
  expect(await deliver(handler)).toBe('handler-timed-out');
  expect([begun(), await state()]).toEqual([0, 'acquired']);
});

test('when the time is over while the lease is on its way, nothing runs and the lease is released', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const slow: Ledger = {
    ...ledger,
    acquire: (...what) => clock.sleep(SECOND).then(() => ledger.acquire(...what)),
  };
  const { deliver, timeout } = event({ ledger: slow, clock });
  const { handler, begun } = running();
  const delivery = deliver(handler);
  timeout.abort();
  expect(await delivery).toBe('ledger-unavailable');
  await clock.advance(SECOND);
  expect([begun(), (await ledger.acquire({ key: 'key' }, LEASE)).state]).toEqual([0, 'acquired']);
});

test('when the time is over just as the lease is acquired, nothing runs and the lease is released', async () => {
  const { deliver, state, timeout } = event();
  const { handler, begun } = running();
  const delivery = deliver(handler);
  timeout.abort();
  expect(await delivery).toBe('handler-timed-out');
  expect([begun(), await state()]).toEqual([0, 'acquired']);
});

test('a lease is renewed in time for as long as its handler runs, and not any longer', async () => {
  const { clock, deliver, state } = event();
  const { handler, end } = running();
  const delivery = deliver(handler);
  for (let second = 0; second < 60; second++) {
    await clock.advance(SECOND);
    expect(await state()).toBe('busy');
  }
  end();
  expect(await delivery).toBe('handled');
  expect(clock.sleepers()).toBe(0);
});

/** A ledger somewhere else, of which one step goes as the test says. */
function remote(step: { [Act in 'acquire' | keyof Lease]?: () => Promise<never> }): {
  ledger: Ledger;
  steps: string[];
} {
  const steps: string[] = [];
  const act = (name: 'renew' | 'complete' | 'release') => async () => {
    steps.push(name);
    await step[name]?.();
    return true;
  };
  const lease: Lease = {
    renew: act('renew'),
    complete: act('complete'),
    release: async () => void (await act('release')()),
    confirmedAt: () => 0,
  };
  const acquire = async () => (await step.acquire?.()) ?? ({ state: 'acquired', lease } as const);
  return { steps, ledger: { ...memoryLedger(manualClock()), acquire } };
}
const down = () => Promise.reject(new Outage('ledger-unavailable'));
const surprised = () => Promise.reject(new TypeError('surprise'));
const hanging = () => new Promise<never>(() => {});

test('a ledger that cannot say lets nothing run', async () => {
  const { handler, begun } = running();
  expect(await event(remote({ acquire: down })).deliver(handler)).toBe('ledger-unavailable');
  expect(begun()).toBe(0);
});

test('what cannot be completed was handled all the same', async () => {
  const { clock, deliver, lost } = event(remote({ complete: down }));
  expect([await deliver(() => {}), lost(), clock.sleepers()]).toEqual(['handled', 0, 0]);
});

test('a handler that fails while the ledger is out has failed, and was told of', async () => {
  const { deliver, thrown } = event(remote({ release: down }));
  expect(await deliver(() => Promise.reject(new Error('broken')))).toBe('handler-threw');
  expect(thrown).toHaveLength(1);
});

test.each([
  ['fails', down],
  ['is not answered', hanging],
])('a renewal that %s is tried again, and costs the handler nothing', async (_what, renew) => {
  const { ledger, steps } = remote({ renew });
  const { clock, deliver } = event({ ledger });
  const { handler, end } = running();
  const delivery = deliver(handler);
  await clock.advance(LEASE * SECOND - 1);
  end();
  expect(await delivery).toBe('handled');
  expect(steps).toEqual(['renew', 'renew', 'complete']);
});

test.each([
  ['fails', down],
  ['is not answered', hanging],
])(
  'a lease of which each renewal %s is lost after its length, and its handler’s signal aborts',
  async (_what, renew) => {
    const { ledger } = remote({ renew });
    const { clock, deliver, lost } = event({ ledger });
    let signal: AbortSignal | undefined;
    const { handler, end } = running();
    const delivery = deliver((own) => ((signal = own), handler()));
    await clock.advance(LEASE * SECOND - 1);
    expect([await isUnsettled(delivery), signal?.aborted, lost()]).toEqual([true, false, 0]);
    await clock.advance(1);
    expect([await delivery, signal?.aborted, lost()]).toEqual(['lease-lost', true, 1]);
    end();
    await clock.advance(0);
    expect([clock.sleepers(), lost()]).toEqual([0, 1]);
  },
);

test('a lease that another caller took is lost, and its handler completes nothing', async () => {
  const { clock, deliver, ledger, lost, thrown } = event();
  const heeding = (signal: AbortSignal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  const delivery = deliver(heeding);
  await clock.advance(0);
  // The process stands still for as long as a lease.
  clock.stall(LEASE * SECOND);
  const other = held(await ledger.acquire({ key: 'key' }, LEASE));
  await clock.advance(0);
  expect([await delivery, lost(), thrown.length]).toEqual(['lease-lost', 1, 1]);
  expect([await other.complete(), clock.sleepers()]).toEqual([true, 0]);
});

test('a handler that ends after another caller took its lease was not the only one, which is logged', async () => {
  const { clock, deliver, ledger, lost } = event();
  const { handler, end } = running();
  const delivery = deliver(handler);
  await clock.advance(0);
  clock.stall(LEASE * SECOND);
  const other = held(await ledger.acquire({ key: 'key' }, LEASE));
  // What the handler waited for comes before the timers that are due.
  end();
  expect([await delivery, lost()]).toEqual(['lease-lost', 1]);
  expect(await other.complete()).toBe(true);
});

test('a reply that the ledger cannot keep is a fault, and the lease is kept', async () => {
  const { ledger, clock } = event();
  const { signal } = new AbortController();
  const lease = await acquireLease({ key: 'key' }, ledger, { leaseSeconds: LEASE, clock, signal });
  if (typeof lease === 'string' || 'state' in lease) throw new Error('there is no lease');
  await expect(lease.complete('x'.repeat(MAX_REPLY_BYTES + 1))).rejects.toThrow(RangeError);
  await clock.advance(2 * LEASE * SECOND);
  expect([await lease.complete('reply'), await ledger.acquire({ key: 'key' }, LEASE)]).toEqual([
    true,
    { state: 'done', reply: 'reply' },
  ]);
});

test('a surprise of the ledger is no outage', async () => {
  await expect(event(remote({ acquire: surprised })).deliver(() => {})).rejects.toThrow('surprise');
});

test.each(['end', 'fail'] as const)(
  'a ledger that fails after the timeout leaves no rejection behind: %s',
  async (finish) => {
    const { clock, deliver, timeout } = event(remote({ complete: down, release: surprised }));
    const work = running();
    const delivery = deliver(work.handler);
    await clock.advance(0);
    timeout.abort();
    expect(await delivery).toBe('handler-timed-out');
    work[finish]();
    await clock.advance(0);
    expect(work.begun()).toBe(1);
  },
);

test.each(['acquire', 'complete', 'release'] as const)(
  'a ledger that never answers does not keep the answer past the timeout: %s',
  async (name) => {
    const { clock, deliver, timeout } = event(remote({ [name]: hanging }));
    const delivery = deliver(() => (name === 'release' ? Promise.reject(new Error('broken')) : undefined));
    await clock.advance(SECOND);
    timeout.abort();
    expect(await isUnsettled(delivery)).toBe(false);
  },
);

test('a log that throws does not keep the lease of a handler that failed', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const full = () => {
    throw new Error('the log is full');
  };
  const options = {
    leaseSeconds: LEASE,
    clock,
    signal: new AbortController().signal,
    eventType: 'event',
    log: { handlerThrew: full, handlerCompletedLate: () => {}, leaseLost: () => {} },
  };
  const lease = await acquireLease({ key: 'key' }, ledger, options);
  await handleEvent(lease, () => Promise.reject(new Error('broken')), options);
  await clock.advance(LEASE * SECOND + 1);
  expect((await ledger.acquire({ key: 'key' }, LEASE)).state).toBe('acquired');
});

test('a handler may return a promise of another realm, and it is waited for', async () => {
  const { deliver, state } = event();
  const handler = runInNewContext('() => new Promise((resolve) => { globalThis.end = resolve; })', globals);
  const delivery = deliver(handler);
  expect(await isUnsettled(delivery)).toBe(true);
  globals.end?.();
  expect(await delivery).toBe('handled');
  expect(await state()).toBe('done');
});
const globals: { end?: () => void } = {};

test('what a handler returns may throw when it is looked at, and the event comes again', async () => {
  const { deliver, thrown } = event();
  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error('trap');
      },
    },
  );
  expect(await deliver(() => trap)).toBe('handler-threw');
  expect(thrown).toMatchObject([{ message: 'trap' }]);
  expect(await deliver(() => {})).toBe('handled');
});
