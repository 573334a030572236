import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { postRaw } from '../../../local/http/request.ts';
import type { RawRequest } from '../../../local/http/request.ts';
import { percentile } from '../../../tools/send/outcomes.ts';
import { startFleet } from '../fleet.ts';
import type { Fleet } from '../fleet.ts';
import type { Asked, Part, Tried } from './part.ts';
import { alertReader } from './slots/alerts.ts';
import { limiter } from './slots/limiter.ts';
import type { Limiter } from './slots/limiter.ts';
import { forgedRequest, genuineRequest } from './slots/traffic.ts';

/** Requests at a time, as infra/ sets `perInstanceConcurrency`. */
const SLOTS = 16;
/** Requests a second. */
const RATES = { genuine: 10, forged: 20 };
/** With the attack, the p99 of genuine requests may be so many times what it is without. */
const LIMIT = 2;
/** A machine on which the p99 is longer without an attack is busy with other work, and shows nothing. */
const BUSY_MS = 250;
/** What may be alive more at the end of the second attack than at the end of the first, in MiB. */
const GROWTH_MIB = 8;
const MEMORY_EVERY_SECONDS = 5;
const PHASE_SECONDS = { short: 15, long: 30 } as const;
/** How long issuers and vault take to answer, in milliseconds: as on a good day, and on a bad one. */
const SERVICES = { quick: 50, slow: 1500 } as const;

/** One instance, as many requests at a time as the platform gives it, and forgeries of all senders. */
export const slots: Part = {
  name: 'slots',
  about: `genuine requests beside ${RATES.forged} forged ones a second, where an instance takes ${SLOTS} at a time`,
  async run(asked) {
    const tried: Tried[] = [];
    for (const [name, latencyMs] of Object.entries(SERVICES))
      tried.push(...(await trial(name, latencyMs, asked)));
    return tried;
  },
};

async function trial(name: string, latencyMs: number, { extent, seed }: Asked): Promise<readonly Tried[]> {
  const alerts = alertReader();
  const fleet = await startFleet(1, allSenders, seed, alerts.take);
  try {
    console.log(`\n${name} services, which answer after ${latencyMs} ms`);
    fleet.cloud.acs.delay(latencyMs);
    fleet.cloud.entra.delay(latencyMs);
    fleet.cloud.azure.vault.habits.latencyMs = latencyMs;
    const seconds = PHASE_SECONDS[extent];
    await phase(fleet, seconds, false);

    const quiet: number[] = [];
    const attacked: number[] = [];
    const alive: number[] = [];
    const found: string[] = [];
    /** Of the app's process, in milliseconds, without and with the attack. */
    const cpu = [0, 0];
    let forged = 0;
    for (const isAttacked of [false, true, false, true]) {
      const before = await cpuOf(fleet);
      const { times, statuses, violations } = await phase(fleet, seconds, isAttacked);
      cpu[Number(isAttacked)]! += (await cpuOf(fleet)) - before;
      (isAttacked ? attacked : quiet).push(...times);
      if (isAttacked) alive.push(await aliveOf(fleet));
      found.push(...violations);
      forged += Object.values(statuses).reduce((sum, number) => sum + number, 0);
      const what = isAttacked ? `with the attack, answered ${JSON.stringify(statuses)}` : 'without an attack';
      console.log(
        `  p50 ${ms(times, 0.5)}, p99 ${ms(times, 0.99)} of ${times.length} genuine requests, ${what}`,
      );
    }

    const ratio = at(attacked, 0.99) / at(quiet, 0.99);
    const grown = (alive[1] ?? Number.NaN) - (alive[0] ?? Number.NaN);
    const [cpuQuiet = 0, cpuAttacked = 0] = cpu;
    const alarms = alerts.alarms(fleet.output());
    console.log(
      `  p99 ${ms(quiet, 0.99)} without and ${ms(attacked, 0.99)} with the attack: ${ratio.toFixed(2)} times; alive grew by ${grown.toFixed(1)} MiB`,
    );
    console.log(
      `  CPU: ${(cpuQuiet / quiet.length).toFixed(1)} ms for a genuine request, ${((cpuAttacked - cpuQuiet) / forged).toFixed(1)} ms more for each forged one`,
    );
    console.log(`  503 and 504 by reason: ${JSON.stringify(alerts.unavailable())}`);
    const isBusy = at(quiet, 0.99) > BUSY_MS;
    if (!isBusy && !(ratio <= LIMIT))
      found.push(`the p99 of genuine requests is ${ratio.toFixed(2)} times that without the attack`);
    return [
      {
        what: `${name} services: genuine requests through ${SLOTS} slots${isBusy ? ', not judged on a busy machine' : ''}`,
        times: quiet.length + attacked.length,
        found,
      },
      {
        what: `${name} services: forged requests that raise an alert of an outage`,
        times: forged,
        found: alarms,
      },
      {
        what: `${name} services: MiB more alive after the second attack`,
        times: Math.round(grown),
        found: grown <= GROWTH_MIB ? [] : [`${grown.toFixed(1)} MiB`],
      },
    ];
  } finally {
    await fleet.close();
  }
}

const allSenders = ({ eventGrid, vonage }: Fleet['cloud']) => ({
  ...eventGrid.environment,
  ...vonage.environment,
  MEMORY_EVERY: String(MEMORY_EVERY_SECONDS),
});

/** Milliseconds until the answer of each genuine request, and how often each status was the answer to a forged one. */
async function phase(fleet: Fleet, seconds: number, isAttacked: boolean) {
  const { cloud, random } = fleet;
  const target = { cloud, baseUrl: fleet.urlOf(0), mediaUrl: '' };
  const limit = limiter(SLOTS);
  const times: number[] = [];
  const statuses: Record<number, number> = {};
  const violations: string[] = [];
  const genuine = await made(RATES.genuine * seconds, (turn) => genuineRequest(fleet, turn));
  const forged = isAttacked ? await made(RATES.forged * seconds, () => forgedRequest(target, random)) : [];

  await Promise.all([
    arriving(
      genuine,
      seconds,
      (turn) => turn,
      async (request) => {
        const arrived = performance.now();
        const status = await sent(request, limit);
        times.push(performance.now() - arrived);
        if (status !== 200) violations.push(`a genuine request was answered ${status}`);
      },
    ),
    // At any moment, so that many come at once now and then.
    arriving(
      forged,
      seconds,
      () => random() * forged.length,
      async (request) => {
        const status = await sent(request, limit);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status < 400 || status === 500) violations.push(`a forged request was answered ${status}`);
      },
    ),
  ]);
  return { times, statuses, violations };
}

/** All that a phase sends is signed before it begins. */
async function made(count: number, one: (turn: number) => Promise<RawRequest>): Promise<RawRequest[]> {
  const requests: RawRequest[] = [];
  while (requests.length < count) requests.push(await one(requests.length));
  return requests;
}

/** @param place of a request among all, which says when it arrives */
async function arriving(
  requests: readonly RawRequest[],
  seconds: number,
  place: (turn: number) => number,
  send: (request: RawRequest) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  await Promise.all(
    requests.map(async (request, turn) => {
      const at = (place(turn) / requests.length) * seconds * 1000;
      await wait(Math.max(0, at - (performance.now() - began)));
      await send(request);
    }),
  );
}

/** @returns the status; 0 where the connection broke */
const sent = (request: RawRequest, limit: Limiter): Promise<number> =>
  limit(async () => {
    try {
      return (await postRaw(request)).status;
    } catch {
      return 0;
    }
  });

/** What was alive at the last look, in MiB. */
async function aliveOf({ journal }: Fleet): Promise<number> {
  const looks = [...(await readFile(journal, 'utf8')).matchAll(/^memory (\d+)/gm)];
  return Number(looks.at(-1)?.[1]) / 1024 ** 2;
}

/** What the app's process has used so far, in milliseconds: fields 14 and 15 are ticks of 10 ms. */
async function cpuOf(fleet: Fleet): Promise<number> {
  const fields = (await readFile(`/proc/${fleet.pidOf(0)}/stat`, 'utf8')).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

const at = (times: readonly number[], share: number) =>
  percentile(
    times.toSorted((one, other) => one - other),
    share,
  );
const ms = (times: readonly number[], share: number) => `${at(times, share).toFixed(1)} ms`;
