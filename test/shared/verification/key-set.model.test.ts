import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Outage, Rejection } from '../../../shared/errors.ts';
import { FetchFailure } from '../../../shared/refreshing-cache.ts';
import { usableKeys } from '../../../shared/verification/jwks.ts';
import type { VerificationKey } from '../../../shared/verification/jwks.ts';
import { keySet } from '../../../shared/verification/key-set.ts';
import { manualClock } from '../../clock.ts';
import { counted, tried } from '../../harden/extent.ts';
import { command, playSequences, weather } from '../../support/commands.ts';
import type { Health } from '../../support/commands.ts';
import { signingKey } from '../../support/key-set.ts';
import { untilSettled } from '../../support/until-settled.ts';

// Rotation, withdrawal, outages, waits, clocks that are set, restarts and requests in any order: the bounds that are stated
// of the key set hold in each.
const RUNS = counted({ test: 60, short: 2000, long: 50_000 });
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const MAX_STALE = 24 * 60 * MINUTE;
/** A back-off lasts a minute and a half at most. */
const BACK_OFF = 90 * SECOND;
const COOL_DOWN = 10 * SECOND;
/** The longest that anybody waits. */
const WAIT = 2 * SECOND;
/** Without any keys attempts are two seconds apart, less an eighth of jitter at most. */
const APART_WITHOUT_KEYS = 1.75 * SECOND;
/** What is withdrawn is dropped with the next fetch, which is awaited from this age on. */
const WITHDRAWN_WITHIN = 20 * MINUTE;

let key: VerificationKey;
beforeAll(async () => {
  const { jwk } = await signingKey('key');
  [key] = (await usableKeys({ keys: [jwk] }, 'https://issuer.example')).get('key') as [VerificationKey];
});

/** What is true of the issuer, and what the instance was told. */
const newModel = () => ({
  health: 'well' as Health,
  wellSince: Number.NEGATIVE_INFINITY,
  listed: new Set(['k0']),
  ever: new Set(['k0']),
  withdrawnAt: new Map<string, number>(),
  made: 1,
  told: undefined as { at: number; kids: ReadonlySet<string> } | undefined,
  attempts: [] as { at: number; withKeys: boolean }[],
});
type Model = ReturnType<typeof newModel>;

function newReal(model: Model) {
  const clock = manualClock();
  function started() {
    model.told = undefined;
    model.attempts = [];
    return keySet({
      name: 'issuer',
      fetchKeys: async () => {
        const at = clock.ticks();
        model.attempts.push({ at, withKeys: at - (model.told?.at ?? -Infinity) <= MAX_STALE });
        if (model.health === 'hangs') await clock.sleep(2 * SECOND);
        if (model.health === 'asks-for-time') throw new FetchFailure('answered 429', 60);
        if (model.health !== 'well') throw new FetchFailure('cannot be reached');
        model.told = { at: clock.ticks(), kids: new Set(model.listed) };
        return new Map([...model.listed].map((kid) => [kid, [key]]));
      },
      maxStaleSeconds: MAX_STALE / SECOND,
      clock,
      random: () => 0.999,
      note: () => {},
    });
  }
  return { clock, started, keys: started() };
}
type Real = ReturnType<typeof newReal>;

async function ask(
  { keys, clock }: Real,
  kid: string,
): Promise<'found' | 'unknown' | 'unconfirmed' | 'outage'> {
  try {
    await untilSettled(clock, keys.find(kid, new AbortController().signal));
    return 'found';
  } catch (thrown) {
    if (thrown instanceof Rejection) return 'unknown';
    if (thrown instanceof Outage) return thrown.reason === 'token-key-unconfirmed' ? 'unconfirmed' : 'outage';
    throw thrown;
  }
}

const asking = (which: number) => ({
  check: () => true,
  toString: () => `ask(${which})`,
  async run(model: Model, real: Real): Promise<void> {
    // One that was listed at some time, or one that never was.
    const kid = which < model.made ? `k${which}` : 'forged';
    const at = real.clock.ticks();
    const told = model.told;
    const answer = await ask(real, kid);
    const over = real.clock.ticks();

    if (answer === 'found') {
      expect(model.ever).toContain(kid);
      expect(over - Math.max(model.told?.at ?? Number.NEGATIVE_INFINITY, 0)).toBeLessThanOrEqual(MAX_STALE);
      // Withdrawn for longer than it may serve, though the issuer could be asked.
      const withdrawn = model.withdrawnAt.get(kid) ?? Number.POSITIVE_INFINITY;
      const couldBeAsked = model.health === 'well' ? model.wellSince : Number.POSITIVE_INFINITY;
      expect(at - Math.max(withdrawn, couldBeAsked)).toBeLessThanOrEqual(WITHDRAWN_WITHIN);
    }
    // A key that the issuer lists is never called unknown, nor is any while it cannot be asked.
    if (answer === 'unknown') expect(model.listed).not.toContain(kid);
    if (answer === 'unknown') expect(model.health).toBe('well');
    // What was known serves on, whatever the issuer does, for a day.
    if (told?.kids.has(kid) && model.listed.has(kid) && at - told.at <= MAX_STALE)
      expect(answer).toBe('found');
    // An issuer that is well, and was given its time, is believed at once.
    if (model.health === 'well' && at - model.wellSince > BACK_OFF) {
      if (model.listed.has(kid) && answer !== 'unconfirmed') expect(answer).toBe('found');
      expect(answer).not.toBe('outage');
    }
    // Only a key that was not known is put off, at once, and only where somebody caused a fetch a moment ago.
    if (answer === 'unconfirmed') {
      expect(told?.kids).not.toContain(kid);
      expect(over).toBe(at);
      expect(at - (model.attempts.at(-1)?.at ?? -Infinity)).toBeLessThan(COOL_DOWN);
      await real.clock.advance(COOL_DOWN);
      expect(await ask(real, kid)).not.toBe('unconfirmed');
    }
    // And nobody waits for longer than a fetch.
    expect(over - at).toBeLessThanOrEqual(WAIT);
    // However they ask: in ten seconds there are two requests at most, of which one is for an unknown key id.
    const withKeys = model.attempts.filter((attempt) => attempt.withKeys);
    for (const [index, attempt] of withKeys.slice(2).entries()) {
      expect(attempt.at - (withKeys[index]?.at ?? 0)).toBeGreaterThanOrEqual(COOL_DOWN);
    }
    for (const [index, attempt] of model.attempts.slice(1).entries()) {
      const gap = attempt.at - (model.attempts[index]?.at ?? 0);
      if (!attempt.withKeys) expect(gap).toBeGreaterThanOrEqual(APART_WITHOUT_KEYS);
    }
  },
});

const commands = fc.commands(
  [
    fc.nat(4).map(asking),
    fc.constant(
      command<Model, Real>('rotate', (model) => {
        const kid = `k${model.made++}`;
        model.listed.add(kid);
        model.ever.add(kid);
      }),
    ),
    fc.constant(
      command<Model, Real>('withdraw the oldest', (model, { clock }) => {
        const [oldest, ...others] = model.listed;
        if (!oldest || others.length === 0) return;
        model.listed.delete(oldest);
        model.withdrawnAt.set(oldest, clock.ticks());
      }),
    ),
    ...weather<Model, Real>([1, 5, 9, 10, 11, 61, 91, 300, 599, 601, 1201, 3600, 80_000, 86_401]),
    fc.constant(
      command<Model, Real>('restart', async (_model, real) => {
        real.keys = real.started();
        await untilSettled(real.clock, real.keys.warm());
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

test('whatever happens to the issuer, the clock and the process, the bounds of the key set hold', async () => {
  const steps = await playSequences<Model, Real>(commands, RUNS, () => {
    const model = newModel();
    return { model, real: newReal(model) };
  });
  tried({ what: `sequences of events around a key set (${steps} steps)`, times: RUNS, found: [] });
});
