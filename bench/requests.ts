import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ask, end, messageOf, placements, startOn } from './harness/processes.ts';
import type { Cores } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import type { Limit, Table } from './harness/report.ts';
import { medianRatio, spreadOf } from './harness/statistics.ts';
import type { Run } from './http/load.ts';
import { servers } from './http/servers.ts';

// Whole genuine requests over HTTP: Ringward beside servers that verify the token with a library.
//
//     npm run bench -- requests
const ROUNDS = 9;
const REQUESTS_PER_ROUND = 600;
/** Requests before the figures count, until frequent code is compiled. */
const WARM_UP = 8000;
/** Ringward may need so many times the CPU of the peer beside it. The peer verifies the token and nothing else. */
const LIMITS = {
  '@azure/functions': { peer: 'one signature in an app', atMost: 2.25 },
  'node:http': { peer: 'express-oauth2-jwt-bearer', atMost: 2 },
};
const http = path.join(import.meta.dirname, 'http');
const tables: Table[] = [];
const limits: Limit[] = [];

for (const [cores, where] of placements) {
  const sender = startOn(cores === '0' ? '1' : undefined, path.join(http, 'sender.ts'));
  const env = await messageOf<Record<string, string>>(sender);
  progress(`${where}: signing the tokens`);
  await ask(sender, { prepare: WARM_UP + ROUNDS * REQUESTS_PER_ROUND });
  for (const through of ['@azure/functions', 'node:http'] as const) {
    progress(`${where}: ${through}`);
    const chosen = servers.filter((server) => server.through === through);
    const measured = await measure(chosen, cores, sender, env);
    const ringward = measured[0]?.cpus;
    tables.push({
      title: `${through}, ${where}`,
      columns: ['', 'what it does', 'requests a second', 'CPU µs a request', '/ Ringward'],
      rows: measured.map(({ name, does, rates, cpus }) => [
        name,
        does,
        spreadOf(rates),
        spreadOf(cpus),
        medianRatio(cpus, ringward),
      ]),
    });
    const { peer, atMost } = LIMITS[through];
    const ofPeer = measured.find(({ name }) => name === peer)?.cpus;
    limits.push({
      what: `CPU of a delivery, ${through}, ${where}, of "${peer}"`,
      value: medianRatio(ringward, ofPeer),
      atMost,
    });
  }
  await end(sender);
}
await publish({
  title: 'Whole genuine requests',
  about: `Callbacks of Call Automation with one event each, over 20 connections that stay open. Each request has a token and an
event of its own, and five share a call reference. The servers take turns: ${ROUNDS} rounds of ${REQUESTS_PER_ROUND} requests after
${WARM_UP} to warm up; medians and quartiles, ratios round by round. CPU is the server's, in microseconds a request. Each server
is a process of its own; one more process is the issuer and sends. On one core the server has core 0 and the sender core 1; on
two cores both share both. Apps of \`@azure/functions\` run in the local host of this project through the real library; Azure's
own host, worker and front end are not in the figures. The log is discarded.`,
  tables,
  limits,
});

async function measure(
  chosen: typeof servers,
  cores: Cores,
  sender: ChildProcess,
  env: Readonly<Record<string, string>>,
) {
  const running = await Promise.all(
    chosen.map(async ({ name, does }) => {
      const child = startOn(cores, path.join(http, 'serve.ts'), [name], env);
      const { port } = await messageOf<{ port: number }>(child);
      return { name, does, child, port, rates: [] as number[], cpus: [] as number[] };
    }),
  );
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, child, port, rates, cpus } of running) {
      const from = round === 0 ? 0 : WARM_UP + (round - 1) * REQUESTS_PER_ROUND;
      const count = round === 0 ? WARM_UP : REQUESTS_PER_ROUND;
      const before = await ask<{ cpu: number }>(child, {});
      const { seconds, statuses } = await ask<Run>(sender, { port, from, to: from + count });
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
