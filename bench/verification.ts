import path from 'node:path';
import { ask, end, messageOf, startOn } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import type { Limit, Table } from './harness/report.ts';
import { medianRatio, spreadOf } from './harness/statistics.ts';
import { hs256Verifiers } from './verifiers/hs256.ts';
import type { Round } from './verifiers/measure.ts';
import { rs256Verifiers } from './verifiers/rs256.ts';

// Token verification in process: Ringward beside its peers, one and eight tokens in flight.
//
//     npm run bench -- verification
const ROUNDS = 11;
/** Rounds before the figures count, until frequent code is compiled. */
const WARM_UP_ROUNDS = 4;
/** The peer of the limit: Ringward's own rules come on top of jose's verification. */
const PEER = { RS256: 'jose, remote key set', HS256: 'jose' };
const here = import.meta.dirname;

type Measured = { readonly name: string; readonly rates: number[]; readonly cpus: number[] };

type Named = Readonly<Record<string, { readonly does: string }>>;
const verifiers: { readonly RS256: Named; readonly HS256: Named } = {
  RS256: rs256Verifiers,
  HS256: hs256Verifiers,
};
const sender = startOn(undefined, path.join(here, 'http', 'sender.ts'));
const env = await messageOf<Record<string, string>>(sender);
const tables: Table[] = [];
const limits: Limit[] = [];

const { tokens } = await ask<{ tokens: readonly string[] }>(sender, { tokens: 1000 });

for (const algorithm of ['RS256', 'HS256'] as const) {
  for (const inFlight of [1, 8]) {
    const title = `${algorithm}, ${inFlight} in flight`;
    progress(title);
    const measured = await measure(algorithm, inFlight);
    const cpusOf = (name: string) => measured.find((one) => one.name === name)?.cpus;
    const ringward = cpusOf('Ringward');
    tables.push({
      title,
      columns: ['', 'what it does', 'a second', 'CPU µs', '/ Ringward'],
      rows: measured.map(({ name, rates, cpus }) => [
        name,
        verifiers[algorithm][name]?.does ?? '',
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
await end(sender);
await publish({
  title: 'Verification of a token',
  about: `In process, over 1,000 different tokens of one issuer with a key of 2,048 bits. Each verifier has a process of its
own; they take turns. Medians and quartiles of ${ROUNDS} rounds. CPU is that of the whole process with its threads, in microseconds
a token; ratios are taken round by round. The issuer is a process of its own. Ringward verifies
signatures with jose; its own rules come before and after that. What each does stands beside it.`,
  tables,
  limits,
});

async function measure(algorithm: 'RS256' | 'HS256', inFlight: number): Promise<readonly Measured[]> {
  const running = await Promise.all(
    Object.keys(verifiers[algorithm]).map(async (name) => {
      const file = path.join(here, 'verifiers', 'measure.ts');
      const child = startOn(undefined, file, [algorithm, String(inFlight), name], env);
      await messageOf(child);
      if (algorithm === 'RS256') await ask(child, { tokens });
      return { name, child, rates: [] as number[], cpus: [] as number[] };
    }),
  );
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const { child, rates, cpus } of running) {
      const { rate, cpu } = await ask<Round>(child, { measure: true });
      if (round < 0) continue;
      rates.push(rate);
      cpus.push(cpu);
    }
  }
  for (const { child } of running) await end(child);
  return running;
}
