import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { progress } from './harness/report.ts';
import type { Table } from './harness/report.ts';

const STEPS = 10;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Sends so many, and tells after each tenth of them what the process holds when its garbage is collected.
 *
 * @param unit what is sent
 * @param atOnce how many are under way at a time
 */
export async function memoryInSteps(options: {
  unit: string;
  total: number;
  atOnce: number;
  sendOne: () => Promise<void>;
}): Promise<Table> {
  const { unit, total, atOnce, sendOne } = options;
  const rows: string[][] = [];
  const bars: { name: string; value: number }[] = [];
  let sent = 0;
  for (let step = 0; step <= STEPS; step++) {
    const until = (total / STEPS) * step;
    const from = sent;
    const started = performance.now();
    const work = async () => {
      while (sent < until) {
        sent++;
        await sendOne();
        // As between two requests: what a turn of the event loop has looked at through a weak reference it keeps to its end.
        await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const rate = Math.round(((sent - from) / (performance.now() - started)) * 1000) || 0;
    rows.push([String(sent), mebibytes(heapUsed), mebibytes(rss), String(rate)]);
    bars.push({ name: String(sent), value: heapUsed / 2 ** 20 });
    progress(`${sent} of ${total}`);
  }
  return {
    title: `After so many ${unit}`,
    columns: [unit, 'heap MiB', 'resident MiB', `${unit}/s`],
    rows,
    plot: { unit: 'heap, MiB', bars },
  };
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
