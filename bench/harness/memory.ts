import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { progress } from './report.ts';
import type { Table } from './report.ts';

const STEPS = 10;
const MIB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What this process holds after a garbage collection, in MiB. */
export function memoryInMib(): { readonly heap: number; readonly resident: number } {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / MIB, resident: rss / MIB };
}

/**
 * Sends `total` requests, and measures the memory of this process after each tenth of them.
 *
 * @param unit what is sent
 * @param concurrency requests in flight at a time
 */
export async function memoryInSteps(options: {
  unit: string;
  total: number;
  concurrency: number;
  sendOne: () => Promise<void>;
}): Promise<Table> {
  const { unit, total, concurrency, sendOne } = options;
  const rows: number[][] = [];
  let sent = 0;
  for (let step = 0; step <= STEPS; step++) {
    const until = (total / STEPS) * step;
    const from = sent;
    const started = performance.now();
    const work = async () => {
      while (sent < until) {
        sent++;
        await sendOne();
        // As between two requests: a weak reference that was read stays alive to the end of its turn of the event loop.
        await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    const rate = Math.round(((sent - from) / (performance.now() - started)) * 1000) || 0;
    const { heap, resident } = memoryInMib();
    rows.push([sent, heap, resident, rate]);
    progress(`${sent} of ${total}`);
  }
  return { title: `Memory by ${unit}`, columns: [unit, 'heap MiB', 'resident MiB', `${unit}/s`], rows };
}
