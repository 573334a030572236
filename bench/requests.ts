import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Run } from './http/load.ts';
import { answerOf, ask, end, placements, startOn } from './harness/pinned.ts';
import type { Cores } from './harness/pinned.ts';
import { progress, publish } from './harness/report.ts';
import type { Table, Target } from './harness/report.ts';
import { spreadOf, told, toldSpread } from './harness/statistics.ts';

// Whole genuine requests over HTTP, on one core and on two.
//
//     npm run bench -- requests
const ROUNDS = 9;
const OF_A_ROUND = 600;
/** Until what is run often has been compiled for it. */
const WARM_UP = 8000;
/** What asks the issuer each time takes so much longer that fewer say enough. */
const SLOW_SHARE = 10;

type Server = { readonly file: string; readonly name: string; readonly slow?: true };
const functions: readonly Server[] = [
  { file: 'limit', name: 'the limit: one raw verification' },
  { file: 'ringward', name: 'Ringward' },
  { file: 'checks-off', name: 'Ringward with its checks off' },
];
const plain: readonly Server[] = [
  { file: 'ringward-node', name: 'Ringward behind node:http' },
  { file: 'express-sample', name: "Express, Microsoft's sample, mended", slow: true },
  { file: 'express-jwks-rsa', name: 'Express, jsonwebtoken, jwks-rsa shared' },
  { file: 'express-keyobject', name: 'Express, jsonwebtoken, key in hand' },
  { file: 'express-oauth2', name: 'express-oauth2-jwt-bearer' },
  { file: 'fastify-get-jwks', name: 'Fastify, fast-jwt, get-jwks' },
  { file: 'fastify-pem', name: 'Fastify, fast-jwt, key in hand' },
  { file: 'limit-node', name: 'the limit: node:http, one raw verification' },
  { file: 'bare', name: 'node:http, nothing verified' },
];
const http = path.join(import.meta.dirname, 'http');
const tables: Table[] = [];
const targets: Target[] = [];
/** What the limit itself would make of the bounds that peers set. */
const ceilings: string[] = [];

for (const [cores, where] of placements) {
  const generator = startOn(cores === '0' ? '1' : undefined, path.join(http, 'generator.ts'));
  const env = await answerOf<Record<string, string>>(generator);
  progress(`${where}: signing the tokens`);
  await ask(generator, { make: WARM_UP + ROUNDS * OF_A_ROUND });
  for (const [title, servers] of [
    ['through @azure/functions', functions],
    ['behind node:http', plain],
  ] as const) {
    progress(`${where}: ${title}`);
    const measured = await measure(servers, cores, generator, env);
    add(`${title}, ${where}`, measured);
    hold(where, servers, measured);
  }
  await end(generator);
}
await publish({
  title: 'Whole genuine requests',
  about: `Callbacks of Call Automation with one event each, every one with a token, an event and (five of a call) a call
reference of its own, over 20 connections that are kept open, ${OF_A_ROUND} to each server in turns, ${ROUNDS} rounds after
${WARM_UP} to warm up;
medians and quartiles. CPU is the server's, in microseconds a request. Each server is a process of its own, and one more
plays the issuer and sends, over raw sockets. On one core the server has core 0 and the sender core 1; on two, both may
use both, so that the sender takes its part of what there is. The first three are served by the local host of this
project through the real \`@azure/functions\` library, what they log is thrown away; the limit reads no body and logs
nothing. Ringward does all that it does in an app: checks, bindings, claim, sample handler, log line.
What one signature and nothing else would be behind \`node:http\`: ${ceilings.join('; ')}.`,
  tables,
  targets,
});

type Measured = {
  readonly name: string;
  readonly rates: readonly number[];
  readonly cpus: readonly number[];
};

async function measure(
  servers: readonly Server[],
  cores: Cores,
  generator: ChildProcess,
  env: Readonly<Record<string, string>>,
): Promise<readonly Measured[]> {
  const running = await Promise.all(
    servers.map(async ({ file, ...rest }) => {
      const child = startOn(cores, path.join(http, 'serve.ts'), [file], env);
      const { port } = await answerOf<{ port: number }>(child);
      return { ...rest, child, port, rates: [] as number[], cpus: [] as number[] };
    }),
  );
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, slow, child, port, rates, cpus } of running) {
      const from = round === 0 ? 0 : WARM_UP + (round - 1) * OF_A_ROUND;
      const requests = round === 0 ? WARM_UP : OF_A_ROUND;
      const count = slow ? Math.floor(requests / SLOW_SHARE) : requests;
      const before = await ask<{ cpu: number }>(child, {});
      const { seconds, statuses } = await ask<Run>(generator, { port, from, to: from + count });
      const after = await ask<{ cpu: number }>(child, {});
      if (statuses['200'] !== count) throw new Error(`${name} answered ${JSON.stringify(statuses)}`);
      if (round === 0) continue;
      rates.push(count / seconds);
      cpus.push(((after.cpu - before.cpu) / count) * 1e6);
    }
  }
  for (const { child } of running) await end(child);
  return running;
}

/** The median of the ratios round by round: what else the machine did befell both. */
function ratio(one: readonly number[] = [], other: readonly number[] = []): number {
  return spreadOf(one.map((value, round) => value / (other[round] ?? Number.NaN))).median;
}

function add(title: string, measured: readonly Measured[]): void {
  const first = measured[0];
  tables.push({
    title,
    columns: ['', 'requests a second', '/ the first', 'CPU µs a request', '/ the first'],
    rows: measured.map(({ name, rates, cpus }) => [
      name,
      toldSpread(spreadOf(rates)),
      told(ratio(rates, first?.rates)),
      toldSpread(spreadOf(cpus)),
      told(ratio(cpus, first?.cpus)),
    ]),
    plot: {
      unit: 'requests a second',
      bars: measured.map(({ name, rates }) => {
        const { median: value, low, high } = spreadOf(rates);
        return { name, value, low, high };
      }),
    },
  });
}

function hold(where: string, servers: readonly Server[], measured: readonly Measured[]): void {
  if (servers === functions) {
    const [limit, ringward] = measured;
    const value = ratio(ringward?.rates, limit?.rates);
    targets.push({ what: `throughput of a whole request on ${where}, of the limit's`, value, atLeast: 0.9 });
    return;
  }
  // The last two are what there is to reach, and what verifies nothing.
  const [ringward, ...peers] = measured.slice(0, -2);
  const limit = measured.at(-2);
  // A key in hand follows no rotation: no service can run so, but nothing could be faster.
  const asServed = peers.filter(({ name }) => !name.includes('in hand'));
  for (const [kind, some] of [
    ['best peer that follows the issuer’s keys', asServed],
    ['best peer in any configuration', peers],
  ] as const) {
    const best = some.toSorted((one, other) => spreadOf(other.rates).median - spreadOf(one.rates).median)[0];
    const what = `throughput behind node:http on ${where}, of the ${kind} (${best?.name})`;
    targets.push({ what, value: ratio(ringward?.rates, best?.rates), atLeast: 2 });
    ceilings.push(`on ${where} ${told(ratio(limit?.rates, best?.rates))} times ${best?.name}`);
  }
}
