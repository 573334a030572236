import fc from 'fast-check';
import type { ManualClock } from '../clock.ts';
import { seed } from '../harden/extent.ts';

/** How a service is that is asked over the network. */
export type Health = 'well' | 'refuses' | 'hangs' | 'asks-for-time';

type Step<Model, Real> = {
  check: () => boolean;
  run: (model: Model, real: Real) => Promise<void>;
  toString: () => string;
};

/** One thing that happens to the model and to what is modelled, by the name under which a failure tells of it. */
export const command = <Model, Real>(
  name: string,
  run: (model: Model, real: Real) => void | Promise<void>,
): Step<Model, Real> => ({
  check: () => true,
  run: async (model, real) => run(model, real),
  toString: () => name,
});

const SECOND = 1000;

/** What happens to any instance: the service comes and goes, time passes, a clock is set. */
export const weather = <
  Model extends { health: Health; wellSince: number },
  Real extends { clock: ManualClock },
>(
  waits: readonly number[],
) => [
  fc.constantFrom<Health>('well', 'refuses', 'hangs', 'asks-for-time').map((health) =>
    command<Model, Real>(health, (model, { clock }) => {
      if (health === 'well' && model.health !== 'well') model.wellSince = clock.ticks();
      model.health = health;
    }),
  ),
  fc
    .constantFrom(...waits)
    .map((seconds) =>
      command<Model, Real>(`wait(${seconds})`, (_model, { clock }) => clock.advance(seconds * SECOND)),
    ),
  fc
    .constantFrom(-86_400, -61, 61, 86_400)
    .map((seconds) =>
      command<Model, Real>(`set the clock by ${seconds}`, (_model, { clock }) => clock.step(seconds)),
    ),
];

/**
 * Plays so many sequences of commands, each on a model of its own.
 *
 * @returns how many commands that were
 */
export async function playSequences<Model extends object, Real>(
  commands: fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Real>>>,
  runs: number,
  start: () => { model: Model; real: Real },
): Promise<number> {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      await fc.asyncModelRun(start, sequence);
      steps += [...sequence].length;
    }),
    { numRuns: runs, seed },
  );
  return steps;
}
