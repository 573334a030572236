import path from 'node:path';
import { ask, end, messageOf, placements, startOn } from './harness/processes.ts';
import type { Cores } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import type { Limit, Table } from './harness/report.ts';
import { medianRatio, spreadOf } from './harness/statistics.ts';
import { hs256Verifiers } from './verifiers/hs256.ts';
import type { Round } from './verifiers/measure.ts';
import { rs256Verifiers } from './verifiers/rs256.ts';
import type { Verifier } from './verifiers/verifier.ts';

// Token verification in process: Ringward beside its peers, on one core and on two, one and eight tokens in flight.
//
//     npm run bench -- verification
const ROUNDS = 11;
/** Rounds before the figures count, until frequent code is compiled. */
const WARM_UP_ROUNDS = 4;
/** A slow verifier gets this part of the tokens. */
const SLOW_SHARE = 10;
/** Ringward's token rules on top of jose's verification. */
const PEER = { RS256: 'jose, fixed key (best)', HS256: 'jose, a KeyObject (best)' };
const here = import.meta.dirname;

type Measured = { readonly name: string; readonly rates: number[]; readonly cpus: number[] };

const verifiers: Readonly<Record<'RS256' | 'HS256', Readonly<Record<string, Verifier<never>>>>> = {
  RS256: rs256Verifiers,
  HS256: hs256Verifiers,
};
const sender = startOn('1', path.join(here, 'http', 'sender.ts'));
const env = await messageOf<Record<string, string>>(sender);
const tables: Table[] = [];
const limits: Limit[] = [];

for (const [cores, where] of placements) {
  const { tokens } = await ask<{ tokens: readonly string[] }>(sender, { tokens: 1000 });
  for (const algorithm of ['RS256', 'HS256'] as const) {
    for (const inFlight of [1, 8]) {
      const title = `${algorithm}, ${where}, ${inFlight} in flight`;
      progress(title);
      const measured = await measure(algorithm, cores, inFlight, tokens);
      const cpusOf = (name: string) => measured.find((one) => one.name === name)?.cpus;
      const ringward = cpusOf('Ringward');
      tables.push({
        title,
        columns: ['', 'a second', 'CPU µs', '/ Ringward'],
        rows: measured.map(({ name, rates, cpus }) => [
          name,
          spreadOf(rates),
          spreadOf(cpus),
          medianRatio(cpus, ringward),
        ]),
      });
      const peer = PEER[algorithm];
      const what = `CPU of a token, ${title}, of "${peer}"`;
      limits.push({ what, value: medianRatio(ringward, cpusOf(peer)), atMost: 1.5 });
    }
  }
}
await end(sender);
await publish({
  title: 'Verification of a token',
  about: `In process, over 1,000 different tokens of one issuer with a key of 2,048 bits. Each verifier has a process of its
own; they take turns. Medians and quartiles of ${ROUNDS} rounds. CPU is that of the whole process with its threads, in microseconds
a token; ratios are taken round by round. The issuer is a process of its own. "Documented" follows the peer's documentation,
"best" is the fastest way that we know.

Ringward verifies signatures with jose. Before that it checks what jose accepts: one canonical spelling of a token, no
duplicate members, no header member that brings a key; afterwards it hashes the signature for the replay rules. A peer with a
fixed key follows no rotation.`,
  tables,
  limits,
});

async function measure(
  algorithm: 'RS256' | 'HS256',
  cores: Cores,
  inFlight: number,
  tokens: readonly string[],
): Promise<readonly Measured[]> {
  const running = await Promise.all(
    Object.entries(verifiers[algorithm]).map(async ([name, { slow = false }]) => {
      const file = path.join(here, 'verifiers', 'measure.ts');
      const child = startOn(cores, file, [algorithm, String(inFlight), name], env);
      await messageOf(child);
      if (algorithm === 'RS256') await ask(child, { tokens });
      return { name, slow, child, rates: [] as number[], cpus: [] as number[] };
    }),
  );
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
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
