import { setTimeout as wait } from 'node:timers/promises';
import type { Target } from './target.ts';

/** A genuine sender waits so long for its answer, in milliseconds, however many others hold connections. */
const PATIENCE = 15_000;
const BETWEEN = 50;

/**
 * Sends genuine requests one after the other for as long as a siege lasts, and once after it.
 *
 * @returns how many there were, and what was wrong
 */
export async function besieged(
  target: Target,
  siege: () => Promise<void>,
): Promise<{ times: number; found: string[] }> {
  let over = false;
  let times = 0;
  let refused = 0;
  let slowest = 0;
  const lasting = siege().finally(() => {
    over = true;
  });
  for (let last = false; !last; await wait(BETWEEN)) {
    last = over;
    const started = performance.now();
    times++;
    if (!(await target.letsIn())) refused++;
    slowest = Math.max(slowest, performance.now() - started);
  }
  await lasting;
  const found = [];
  if (refused > 0) found.push(`${refused} of ${times} genuine requests were not let in meanwhile`);
  if (slowest > PATIENCE) found.push(`a genuine request took ${Math.round(slowest)} ms`);
  const stray = target.stray();
  if (stray.length > 0) found.push(`it wrote: ${stray[0]}`);
  console.log(
    `  ${times} genuine requests meanwhile, the slowest ${Math.round(slowest)} ms, ${refused} not let in`,
  );
  return { times, found };
}
