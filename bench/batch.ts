import { randomUUID } from 'node:crypto';
import { newReference } from '../shared/calls/uris.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { eventGrid, INCOMING_CALL } from '../shared/delivery/event-grid.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { progress, publish } from './harness/report.ts';
import { spreadOf, told, toldSpread } from './harness/statistics.ts';

// What an event costs in a batch of one to five thousand, as Event Grid may send them, with the ledger in memory.
//
//     npm run bench -- batch
const SIZES = [1, 10, 100, 1000, 5000];
const ROUNDS = 5;
const EVENTS_OF_A_ROUND = 5000;

let handled = 0;
const deliver = frontDoor({
  provider: eventGrid(undefined),
  route: 'events/incoming-call',
  checks: [{ name: 'genuine', run: async () => ({}) }],
  replayRules: () => [],
  handlerFor: () => () => void handled++,
  ledger: memoryLedger(clock),
  leaseSeconds: 8,
  timeoutSeconds: 20,
  clock,
});
const log = { delivery() {}, handler() {}, handlerThrew() {} };

/** As short as they can be: five thousand have to fit into a mebibyte. */
function batch(size: number): Request {
  const events = Array.from({ length: size }, () => ({
    id: randomUUID(),
    topic: '/t',
    eventType: INCOMING_CALL,
    data: { to: { rawId: '8:acs:x' }, serverCallId: newReference() },
  }));
  return new Request('https://app.example/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
}

const cpus = new Map(SIZES.map((size) => [size, [] as number[]]));
let sent = 0;
for (let round = 0; round <= ROUNDS; round++) {
  progress(`round ${round} of ${ROUNDS}`);
  for (const size of SIZES) {
    const batches = Array.from({ length: EVENTS_OF_A_ROUND / size }, () => batch(size));
    const before = process.cpuUsage();
    for (const request of batches) {
      const { status } = await deliver(request, log);
      if (status !== 200) throw new Error(`answered ${status}`);
    }
    const { user, system } = process.cpuUsage(before);
    sent += EVENTS_OF_A_ROUND;
    if (round > 0) cpus.get(size)?.push((user + system) / EVENTS_OF_A_ROUND);
  }
}
if (handled !== sent) throw new Error(`${handled} of ${sent} handled`);

const single = spreadOf(cpus.get(1) ?? []);
await publish({
  title: 'Batches',
  about: `Batches of IncomingCall events through the pipeline without its checks, the ledger in memory: CPU in microseconds
an event, ${EVENTS_OF_A_ROUND} events of each size in turns, ${ROUNDS} rounds, medians and quartiles. Every event was handled once.`,
  tables: [
    {
      title: 'CPU of an event',
      columns: ['events in a batch', 'CPU µs an event', '/ alone'],
      rows: SIZES.map((size) => {
        const spread = spreadOf(cpus.get(size) ?? []);
        return [String(size), toldSpread(spread), told(spread.median / single.median)];
      }),
      plot: {
        unit: 'CPU, µs an event',
        bars: SIZES.map((size) => {
          const { median: value, low, high } = spreadOf(cpus.get(size) ?? []);
          return { name: `batch of ${size}`, value, low, high };
        }),
      },
    },
  ],
});
