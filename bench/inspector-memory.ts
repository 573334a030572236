/*
 * What the record of the inspector takes: deliveries of about two kilobytes go through the front of a real `npm start`, most
 * of them forged, and the heap of this process, which holds the record and the fakes, is measured on the way.
 *
 *   node --expose-gc bench/inspector-memory.ts [deliveries]
 */
import path from 'node:path';
import { startRehearsal } from '../local/rehearsal.ts';
import { callback } from '../local/providers/call-automation/requests.ts';
import { post } from '../local/http/request.ts';
import { newCall } from '../local/providers/call-automation/requests.ts';

const DELIVERIES = Number(process.argv[2] ?? 30_000);
const STEP = 5000;
const AT_ONCE = 16;
const MIB = 1024 * 1024;

const app = await startRehearsal({ app: path.resolve(import.meta.dirname, '../functions/main.ts'), port: 0 });
await app.healthy();
const { cloud, recorder, url } = app;
const uri = await cloud.callbackUris(url)();
const filling = 'x'.repeat(1500);
let sent = 0;

async function sender(until: number): Promise<void> {
  while (sent < until) {
    const forged = sent++ % 20 > 0;
    const event = newCall().event('PlayStarted', { operationContext: filling });
    await post(callback(cloud.acs, forged ? `${uri}x` : uri, [event]));
  }
}

console.log('deliveries  kept  recorded MiB  heap MiB  a second');
for (let until = STEP; until <= DELIVERIES; until += STEP) {
  const started = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, () => sender(until)));
  const rate = STEP / ((performance.now() - started) / 1000);
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const row = [sent, recorder.size(), recorder.bytes() / MIB, heap / MIB, rate];
  console.log(row.map((figure) => figure.toFixed(Number.isInteger(figure) ? 0 : 1).padStart(10)).join('  '));
}
await app.stop();
