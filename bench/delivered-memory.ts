import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock as clock } from '../shared/clock.ts';
import { callAutomation } from '../shared/delivery/call-automation.ts';
import { callBindings } from '../shared/delivery/call-bindings.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { newReference } from '../shared/calls/reference.ts';

// A million genuine deliveries, each of an event of its own under a token of its own, five to a call, through the whole
// pipeline with the ledger in memory. The checks are left out: their memory is the matter of forged-memory.ts.
//
//     node tools/run.mjs bench/delivered-memory.ts [deliveries]
const DELIVERIES = Number(process.argv[2] ?? 1_000_000);
const STEPS = 10;
const AT_ONCE = 100;
const OF_A_CALL = 5;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let sent = 0;
let handled = 0;
let reference = newReference();
const deliver = frontDoor({
  provider: callAutomation,
  route: 'callbacks/call-automation',
  checks: [
    {
      name: 'genuine',
      run: () => ({
        reference,
        referenceExpires: clock.now() + 3600,
        token: { id: randomUUID(), unique: true, expires: clock.now() + 300 },
      }),
    },
  ],
  bindingsOf: callBindings({ tokenReuse: 'report', callBinding: 'report', toleranceSeconds: 60, clock }),
  handlerFor: () => () => void handled++,
  ledger: memoryLedger(clock),
  leaseSeconds: 8,
  timeoutSeconds: 20,
  clock,
});

let call = randomUUID();
async function sendOne(): Promise<void> {
  if (sent++ % OF_A_CALL === 0) {
    call = randomUUID();
    reference = newReference();
  }
  const source = `calling/callConnections/${call}`;
  const type = 'Microsoft.Communication.PlayCompleted';
  const event = { id: randomUUID(), source, type, data: { callConnectionId: call }, specversion: '1.0' };
  const request = new Request('https://app.example/api/callbacks/call-automation', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  });
  await deliver(request, { delivery() {}, handler() {}, handlerThrew() {} });
}

console.log(
  `${'deliveries'.padStart(10)}${'heap MiB'.padStart(10)}${'resident MiB'.padStart(14)}${'deliveries/s'.padStart(14)}`,
);
for (let step = 0; step <= STEPS; step++) {
  const until = (DELIVERIES / STEPS) * step;
  const from = sent;
  const started = performance.now();
  const work = async () => {
    while (sent < until) await sendOne();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const rate = Math.round(((sent - from) / (performance.now() - started)) * 1000) || 0;
  console.log(
    `${String(sent).padStart(10)}${mebibytes(heapUsed).padStart(10)}${mebibytes(rss).padStart(14)}${String(rate).padStart(14)}`,
  );
}
console.log(`handled ${handled} times`);
