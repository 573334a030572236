import { randomUUID } from 'node:crypto';
import { newReference } from '../shared/calls/uris.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { genuineDoor, newEvent } from './genuine-door.ts';
import { publish } from './harness/report.ts';
import { memoryInSteps } from './memory-in-steps.ts';

// A million genuine deliveries, each of an event of its own under a token of its own, five to a call, through the whole
// pipeline with the ledger in memory. The checks are left out: their memory is the matter of forged-memory.ts.
//
//     npm run bench -- delivered-memory [--long]
const OF_A_CALL = 5;

let sent = 0;
let handled = 0;
let call = randomUUID();
let reference = newReference();
const deliver = genuineDoor(
  memoryLedger(clock),
  () => reference,
  () => void handled++,
);

const total = Number(process.argv[2] ?? 1_000_000);
const table = await memoryInSteps({
  unit: 'deliveries',
  total,
  atOnce: 100,
  async sendOne() {
    if (sent++ % OF_A_CALL === 0) {
      call = randomUUID();
      reference = newReference();
    }
    await deliver(newEvent(call));
  },
});
await publish({
  title: 'Memory over genuine deliveries',
  about: `${total} genuine deliveries, each of an event of its own under a token of its own, five to a call, 100 at a time,
through the whole pipeline but the checks, in one process with the ledger in memory; the heap after a collection. The ledger
remembers the last hundred thousand of each kind, so it grows until it has them. Handled ${handled} times. \`--long\` delivers a
million.`,
  tables: [table],
});
