import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../shared/clock.ts';

/** Time that stands still until a test moves it. */
export type ManualClock = Clock & {
  /**
   * Moves both clocks on, waking those who sleep in the order of their time; what one of them does next is done before
   * the next is woken. Work that waits for a socket or a thread is not awaited: await its own promise for that.
   */
  advance(milliseconds: number): Promise<void>;
  /** Moves both clocks on as for a process that stands still: those who are due are woken by the next `advance`. */
  stall(milliseconds: number): void;
  /** Sets the wall clock alone, as an operator would; intervals do not notice. */
  step(seconds: number): void;
  /** How many are asleep. */
  sleepers(): number;
};

type Sleeper = { readonly due: number; readonly wake: () => void };

/** @param startsAt seconds since the epoch on the wall clock */
export function manualClock(startsAt = 1_800_000_000): ManualClock {
  let ticks = 0;
  let offset = startsAt;
  const asleep = new Set<Sleeper>();

  const nextBy = (until: number) =>
    [...asleep].filter(({ due }) => due <= until).sort((one, other) => one.due - other.due)[0];

  return {
    now: () => offset + ticks / 1000,
    ticks: () => ticks,
    after(milliseconds, wake) {
      const sleeper = { due: ticks + milliseconds, wake };
      asleep.add(sleeper);
      return () => void asleep.delete(sleeper);
    },
    sleep(milliseconds, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { due: ticks + milliseconds, wake: resolve };
      const abort = () => {
        asleep.delete(sleeper);
        reject(signal?.reason);
      };
      asleep.add(sleeper);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
      return promise;
    },
    async advance(milliseconds) {
      const until = ticks + milliseconds;
      await settled();
      for (let next = nextBy(until); next; next = nextBy(until)) {
        ticks = Math.max(ticks, next.due);
        asleep.delete(next);
        next.wake();
        await settled();
      }
      ticks = until;
      await settled();
    },
    stall(milliseconds) {
      ticks += milliseconds;
    },
    step(seconds) {
      offset += seconds;
    },
    sleepers: () => asleep.size,
  };
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await immediate();
}

/** Whether a promise is neither fulfilled nor rejected once everything had its turn. */
export async function isUnsettled(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const close = () => void (open = false);
  promise.then(close, close);
  await settled();
  return open;
}
