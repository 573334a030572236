import path from 'node:path';
import { hs256Contenders } from './contenders/hs256.ts';
import { contenders } from './contenders/rs256.ts';
import { answerOf, ask, end, placements, startOn } from './harness/pinned.ts';
import type { Cores } from './harness/pinned.ts';
import { progress, publish } from './harness/report.ts';
import type { Table, Target } from './harness/report.ts';
import { spreadOf, told, toldSpread } from './harness/statistics.ts';
import type { Round } from './verification/measure.ts';

// Token verification in process: Ringward beside its peers, on one core and on two, one and eight in flight.
//
//     npm run bench -- verification
const ROUNDS = 11;
/** Rounds until what is run often has been compiled for it. */
const WARM_UP = 4;
/** What asks the issuer with each token gets fewer of them. */
const SLOW_SHARE = 10;
const here = import.meta.dirname;
export type Measured = {
  readonly name: string;
  readonly rates: readonly number[];
  readonly cpus: readonly number[];
};

type Chosen = { readonly name: string; readonly slow?: true };
const chosen: Readonly<Record<'RS256' | 'HS256', readonly Chosen[]>> = {
  RS256: contenders,
  HS256: [...(await hs256Contenders('to know their names')).keys()].map((name) => ({ name })),
};
const generator = startOn('1', path.join(here, 'http', 'generator.ts'));
const env = await answerOf<Record<string, string>>(generator);
const tables: Table[] = [];
const targets: Target[] = [];

for (const [cores, where] of placements) {
  const { tokens } = await ask<{ tokens: readonly string[] }>(generator, { tokens: 1000 });
  for (const algorithm of ['RS256', 'HS256'] as const) {
    for (const inFlight of [1, 8]) {
      progress(`${algorithm} on ${where}, ${inFlight} in flight`);
      add(algorithm, where, inFlight, await measure(algorithm, cores, inFlight, tokens));
    }
  }
}
await end(generator);
await publish({
  title: 'Verification of a token',
  about: `In process, over 1,000 distinct tokens of one issuer with a key of 2,048 bits, each contender in a process of its
own, as a verifier is alone in an app; in turns, medians of the rounds and their quartiles. CPU is that of the whole process, its threads included, in microseconds a token; the
ratios are of the CPU of the raw computation in the same rounds. The issuer is a process of its own. "Documented" is as
the peer's own documentation has it, "best" the fastest that we know; ${contenders.length - 1} ways in all.`,
  tables,
  targets,
});

/** The contenders in turns, each in a process of its own. */
async function measure(
  algorithm: 'RS256' | 'HS256',
  cores: Cores,
  inFlight: number,
  tokens: readonly string[],
): Promise<readonly Measured[]> {
  const running = await Promise.all(
    chosen[algorithm].map(async ({ name, slow = false }) => {
      const file = path.join(here, 'verification', 'measure.ts');
      const child = startOn(cores, file, [algorithm, String(inFlight), name], env);
      await answerOf(child);
      if (algorithm === 'RS256') await ask(child, { tokens });
      return { name, slow, child, rates: [] as number[], cpus: [] as number[] };
    }),
  );
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const { slow, child, rates, cpus } of running) {
      const count = slow ? tokens.length / SLOW_SHARE : tokens.length;
      const { rate, cpu } = await ask<Round>(child, { count });
      if (round < 0) continue;
      rates.push(rate);
      cpus.push(cpu);
    }
  }
  for (const { child } of running) await end(child);
  return running;
}

function add(algorithm: string, where: string, inFlight: number, measured: readonly Measured[]): void {
  const raw = measured[0];
  const ratios = (one: Measured) =>
    spreadOf(one.cpus.map((cpu, round) => cpu / (raw?.cpus[round] ?? Number.NaN)));
  tables.push({
    title: `${algorithm}, ${where}, ${inFlight} in flight`,
    columns: ['', 'a second', 'CPU µs', 'CPU / raw'],
    rows: measured.map((one) => [
      one.name,
      toldSpread(spreadOf(one.rates)),
      toldSpread(spreadOf(one.cpus)),
      told(ratios(one).median),
    ]),
    plot: {
      unit: 'CPU, µs a token',
      bars: measured.map((one) => {
        const { median: value, low, high } = spreadOf(one.cpus);
        return { name: one.name, value, low, high };
      }),
    },
  });
  const ringward = measured.find(({ name }) => name === 'Ringward');
  if (ringward) {
    const what = `CPU of ${algorithm} on ${where}, ${inFlight} in flight, of the raw computation's`;
    targets.push({ what, value: ratios(ringward).median, atMost: algorithm === 'RS256' ? 1.5 : 5 });
  }
}
