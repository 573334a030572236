import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outage } from '../../../shared/errors.ts';
import { FetchFailure } from '../../../shared/refreshing-cache.ts';
import { guardedVault } from '../../../shared/secrets/key-vault.ts';
import type { ListedVersion, Vault } from '../../../shared/secrets/key-vault.ts';
import { vaultSecret } from '../../../shared/secrets/vault-versions.ts';
import type { SecretVersion } from '../../../shared/secrets/versions.ts';
import { manualClock } from '../../clock.ts';
import { counted, tried } from '../../harden/extent.ts';
import { command, playSequences, weather } from '../../support/commands.ts';
import type { Health } from '../../support/commands.ts';
import { untilSettled } from '../../support/until-settled.ts';

// New versions, disabled ones, outages, waits, clocks that are set, restarts and requests in any order: the bounds that are
// stated of a secret in the vault hold in each.
const RUNS = counted({ test: 60, short: 2000, long: 50_000 });
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const MAX_STALE = 24 * 60 * MINUTE;
/** A back-off lasts a minute and a half at most. */
const BACK_OFF = 90 * SECOND;
const COOL_DOWN = 10 * SECOND;
/** The longest that anybody waits. */
const WAIT = 2 * SECOND;
const WITHDRAWN_WITHIN = 5 * MINUTE;
const MOST_VERSIONS = 10;

type Version = ListedVersion & { readonly disabledAt?: number };

/** What is true of the vault, and what the instance was told. */
const newModel = () => ({
  health: 'well' as Health,
  wellSince: Number.NEGATIVE_INFINITY,
  versions: [version(0)] as readonly Version[],
  told: undefined as { at: number; enabled: readonly string[] } | undefined,
  asked: [] as number[],
});
type Model = ReturnType<typeof newModel>;

/** The key id is the first eight characters of its id. */
function version(number: number): Version {
  return { id: `k${number}`.padEnd(32, '-'), enabled: true, created: number };
}
const kidOf = ({ id }: ListedVersion) => id.slice(0, 8);

function newReal(model: Model) {
  const clock = manualClock();
  function started() {
    model.told = undefined;
    model.asked = [];
    const answered = (signal: AbortSignal) => {
      if (model.health === 'asks-for-time') throw new FetchFailure('answered 429', 120);
      if (model.health === 'refuses') throw new FetchFailure('cannot be reached');
      return new Promise<void>((resolve, reject) => {
        if (model.health === 'well') resolve();
        signal.addEventListener('abort', () => reject(new FetchFailure('did not answer in time')));
      });
    };
    const vault: Vault = {
      ready: async () => {},
      async list(_name, signal) {
        model.asked.push(clock.ticks());
        await answered(signal);
        model.told = {
          at: clock.ticks(),
          enabled: model.versions
            .filter(({ enabled }) => enabled)
            .slice(-MOST_VERSIONS)
            .map(kidOf),
        };
        return model.versions;
      },
      async value(_name, id, signal) {
        await answered(signal);
        return id.padEnd(40);
      },
    };
    return vaultSecret({
      name: 'secret',
      purpose: 'CALLBACK_KEY_SECRET',
      vault: guardedVault(vault, clock, () => 0.999),
      outage: 'callback-secret-unavailable',
      maxStaleSeconds: MAX_STALE / SECOND,
      clock,
      random: () => 0.999,
      note: () => {},
    });
  }
  return { clock, started, ring: started() };
}
type Real = ReturnType<typeof newReal>;

async function answerOf(
  real: Real,
  ask: () => Promise<readonly unknown[]>,
): Promise<number | 'unconfirmed' | 'outage'> {
  try {
    return (await untilSettled(real.clock, ask())).length;
  } catch (thrown) {
    if (thrown instanceof Outage)
      return thrown.reason === 'callback-key-unconfirmed' ? 'unconfirmed' : 'outage';
    throw thrown;
  }
}

const find = (real: Real, kid: string) =>
  answerOf(real, () => real.ring.find(kid, new AbortController().signal));

const verify = (which: number) => ({
  check: () => true,
  toString: () => `verify(${which})`,
  async run(model: Model, real: Real): Promise<void> {
    // More than the ten newest do not count.
    const wanted = model.versions[which];
    const counts = model.versions
      .filter(({ enabled }) => enabled)
      .slice(-MOST_VERSIONS)
      .includes(wanted as Version);
    const kid = wanted ? kidOf(wanted) : 'forged--';
    const at = real.clock.ticks();
    const { told } = model;
    const answer = await find(real, kid);
    const over = real.clock.ticks();
    const couldBeAsked = model.health === 'well' ? model.wellSince : Number.POSITIVE_INFINITY;

    if (answer === 1) {
      // Nothing verifies that was never in the vault, or was withdrawn from it while it could be asked.
      expect(wanted).toBeDefined();
      expect(at - Math.max(wanted?.disabledAt ?? at, couldBeAsked)).toBeLessThanOrEqual(WITHDRAWN_WITHIN);
      expect(over - (model.told?.at ?? Number.NEGATIVE_INFINITY)).toBeLessThanOrEqual(MAX_STALE);
    }
    // What is in force is never called unknown, nor is anything while the vault cannot be asked.
    if (answer === 0) expect([counts, model.health]).toEqual([false, 'well']);
    // What was known serves on, whatever the vault does, for a day.
    if (counts && told?.enabled.includes(kid) && at - told.at <= MAX_STALE) expect(answer).toBe(1);
    if (at - couldBeAsked > BACK_OFF && counts && answer !== 'unconfirmed') expect(answer).toBe(1);
    // Only a version that was not known is put off: at once where somebody caused a fetch a moment ago, else when the
    // vault takes too long.
    if (answer === 'unconfirmed') {
      expect(told?.enabled).not.toContain(kid);
      if (model.health !== 'hangs') expect(over).toBe(at);
      expect(at - (model.asked.at(-1) ?? -Infinity)).toBeLessThan(COOL_DOWN);
      await real.clock.advance(COOL_DOWN);
      if (model.health !== 'hangs') expect(await find(real, kid)).not.toBe('unconfirmed');
    }
    expect(over - at).toBeLessThanOrEqual(WAIT);
    // In ten seconds there are two requests at most, of which one is for an unknown version.
    for (const [index, asked] of model.asked.slice(2).entries()) {
      expect(asked - (model.asked[index] ?? 0)).toBeGreaterThanOrEqual(COOL_DOWN);
    }
  },
});

/** Signing takes the newest that the instance knows of. */
const signing = {
  check: () => true,
  toString: () => 'sign',
  async run(model: Model, real: Real): Promise<void> {
    const before = model.told;
    const known = real.ring
      .versions(new AbortController().signal)
      .catch((thrown: unknown): readonly SecretVersion[] => {
        expect(thrown).toBeInstanceOf(Outage);
        return [];
      });
    const [newest] = await untilSettled<readonly SecretVersion[]>(real.clock, known);
    // A refresh in the background tells only whoever comes after it.
    const newestOf = (told: Model['told']) => told?.enabled.toSorted(byNumber).at(-1);
    if (newest) expect([newestOf(before), newestOf(model.told)]).toContain(newest.kid);
  },
};
const byNumber = (one: string, other: string) =>
  Number.parseInt(one.slice(1)) - Number.parseInt(other.slice(1));

const commands = fc.commands(
  [
    fc.nat(4).map(verify),
    fc.constant(signing),
    fc.constant(
      command<Model, Real>('rotate', (model) => {
        model.versions = [...model.versions, version(model.versions.length)];
      }),
    ),
    fc.nat(4).map((which) =>
      command<Model, Real>(`disable(${which})`, (model, { clock }) => {
        model.versions = model.versions.map((one, index) =>
          index === which && one.enabled ? { ...one, enabled: false, disabledAt: clock.ticks() } : one,
        );
      }),
    ),
    ...weather<Model, Real>([1, 5, 9, 10, 11, 61, 91, 119, 121, 269, 271, 301, 3600, 80_000, 86_401]),
    fc.constant(
      command<Model, Real>('restart', async (_model, real) => {
        real.ring = real.started();
        await untilSettled(real.clock, real.ring.warm());
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

test('whatever happens to the vault, the clock and the process, the bounds of a secret hold', async () => {
  const steps = await playSequences<Model, Real>(commands, RUNS, () => {
    const model = newModel();
    return { model, real: newReal(model) };
  });
  tried({
    what: `sequences of events around a secret in the vault (${steps} steps)`,
    times: RUNS,
    found: [],
  });
});
