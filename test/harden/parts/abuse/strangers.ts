import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { callback } from '../../../../local/providers/call-automation/requests.ts';
import { signingInput } from '../../../../local/fakes/token.ts';
import { newCall } from '../../../../local/providers/call-automation/requests.ts';
import { inParallel } from '../../sender.ts';
import type { Asked, Tried } from '../part.ts';
import { shown } from '../shown.ts';
import { newAgent, send } from '../soak/wire.ts';
import type { Target } from './target.ts';

const AT_ONCE = 30;
/** Unknown keys cause one request to the issuer in so many seconds; those in between are put off with 503. */
const COOL_DOWN = 10;
/** Resident, in MiB, between the first fifth and the end; the short form ends before a process has come to its size. */
const GROWTH = { short: 256, long: 64 } as const;

/** Requests whose key ids and callback keys were never seen before: each is refused or put off, and none is remembered. */
export async function strangers(target: Target, times: number, extent: Asked['extent']): Promise<Tried[]> {
  const { acs } = target.cloud;
  const agent = newAgent();
  const uri = await target.cloud.callbackUris(target.url)();
  const unsigned = randomBytes(256).toString('base64url');
  const event = [newCall().event('PlayCompleted')];
  const statuses = new Map<number, number>();
  const fetches = acs.fetches().keys;
  const started = performance.now();
  const progress = shown();
  let done = 0;
  let warm = 0;
  await inParallel([...Array(times).keys()], AT_ONCE, async (turn) => {
    const kid = randomBytes(16).toString('hex');
    const token = `${signingInput({ ...acs.header(), kid }, acs.claims())}.${unsigned}`;
    const forged = uri.replace(/v1\.[^.]+/, `v1.${kid.slice(0, 8)}`);
    const status = await send(agent, callback(acs, turn % 2 === 0 ? uri : forged, event, token));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    progress(++done, times);
    if (done === Math.floor(times / 5)) warm = await resident(target);
  });
  agent.destroy();
  const seconds = (performance.now() - started) / 1000;
  const grown = (await resident(target)) - warm;
  const asked = acs.fetches().keys - fetches;
  console.log(
    `  ${JSON.stringify(Object.fromEntries(statuses))} in ${seconds.toFixed(0)} s; the issuer was asked ${asked} times; resident grew by ${grown.toFixed(0)} MiB`,
  );
  const found = [];
  for (const [status, number] of statuses) {
    if (status !== 401 && status !== 503) found.push(`${status} answered ${number} times`);
  }
  if (!statuses.has(401)) found.push('none was refused');
  if (asked > 1 + Math.ceil(seconds / COOL_DOWN)) found.push(`the issuer was asked ${asked} times`);
  if (grown > GROWTH[extent]) found.push(`resident memory grew by ${grown.toFixed(0)} MiB`);
  const putOff = statuses.get(503) ?? 0;
  return [
    { what: `${target.name}: distinct key ids and callback keys`, times, found },
    { what: `${target.name}: of these put off with 503`, times: putOff, found: [] },
  ];
}

/** MiB. */
async function resident({ pid }: Target): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
