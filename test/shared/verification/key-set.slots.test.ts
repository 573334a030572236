import { expect, test } from 'vitest';
import type { VerificationKey } from '../../../shared/verification/jwks.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { chance } from '../../harden/chance.ts';
import { limiter } from '../../harden/parts/slots/limiter.ts';

/** What an instance takes at a time, as infra/ sets `perInstanceConcurrency`. */
const SLOTS = 16;
const SECONDS = 30;
/** A genuine request, with a known key, from its slot to its answer. */
const WORK_MS = 10;
/** Longer than the wait of a request: a fetch that ends in time waits less. */
const SLOWEST_MS = 1990;

/**
 * Genuine requests, ten a second, beside unknown key ids at any moment, through the slots of one instance. All of it on a
 * clock of its own, so that a busy machine changes nothing.
 *
 * @returns how long the slowest genuine request took, in milliseconds
 */
async function slowestGenuine(fetchMs: number, unknownPerSecond: number): Promise<number> {
  const clock = manualClock();
  const random = chance(7);
  const keys = keySet({
    name: 'issuer',
    fetchKeys: async () => {
      await clock.sleep(fetchMs);
      return new Map([['known', [{} as VerificationKey]]]);
    },
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: () => {},
  });
  const warming = keys.warm();
  await clock.advance(fetchMs);
  await warming;

  const limit = limiter(SLOTS);
  const { signal } = new AbortController();
  const times: number[] = [];
  async function genuine(): Promise<void> {
    const began = clock.ticks();
    await limit(async () => {
      await keys.find('known', signal);
      await clock.sleep(WORK_MS);
    });
    times.push(clock.ticks() - began);
  }
  const forged = () => limit(() => keys.find('forged', signal).catch(() => {}));

  const start = clock.ticks();
  const arrivals = [
    ...Array.from({ length: SECONDS * 10 }, (_, turn) => ({ at: turn * 100, send: genuine })),
    ...Array.from({ length: SECONDS * unknownPerSecond }, () => ({
      at: random() * SECONDS * 1000,
      send: forged,
    })),
  ].toSorted((one, other) => one.at - other.at);
  const sent: Promise<unknown>[] = [];
  for (const { at, send } of arrivals) {
    await clock.advance(start + at - clock.ticks());
    sent.push(send());
  }
  await clock.advance(10_000);
  await Promise.all(sent);
  expect(times).toHaveLength(SECONDS * 10);
  return Math.round(Math.max(...times));
}

test.each([50, 1500, SLOWEST_MS])(
  'five unknown key ids a second delay no genuine request, where the issuer answers after %i ms',
  async (fetchMs) => {
    expect(await slowestGenuine(fetchMs, 5)).toBe(WORK_MS);
  },
);

test('twenty a second delay none either, where the issuer answers within half a second', async () => {
  expect(await slowestGenuine(500, 20)).toBe(WORK_MS);
});

test('where the issuer is slow they hold all slots, and a genuine request waits for one fetch at most', async () => {
  const slowest = await slowestGenuine(SLOWEST_MS, 20);
  expect(slowest).toBeGreaterThan(WORK_MS);
  expect(slowest).toBeLessThan(SLOWEST_MS + WORK_MS);
});
