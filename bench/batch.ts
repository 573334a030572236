import { randomUUID } from 'node:crypto';
import { newReference } from '../shared/calls/uris.ts';
import { INCOMING_CALL } from '../shared/providers/event-grid/index.ts';
import { progress, publish } from './harness/report.ts';
import { cpuOfEach, spreadOf } from './harness/statistics.ts';
import { acceptAll, INCOMING_CALLS, ringward } from './ringward.ts';

// CPU of an event in a batch of one to five thousand, as Event Grid may send them, with the ledger in memory.
//
//     npm run bench -- batch
const SIZES = [1, 10, 100, 1000, 5000];
const ROUNDS = 5;
const EVENTS_PER_ROUND = 5000;

let handled = 0;
const { receive } = ringward(
  INCOMING_CALLS,
  { EVENT_GRID_KEY_SECRET: 'event-grid-key', SECRET_EVENT_GRID_KEY: 'x'.repeat(32) },
  { handlers: { calls: { incoming: () => void handled++ } }, check: acceptAll },
);

/** The events are short: five thousand have to fit into a mebibyte. */
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
    const batches = Array.from({ length: EVENTS_PER_ROUND / size }, () => batch(size));
    const before = process.cpuUsage();
    for (const request of batches) {
      const { status } = await receive(request);
      if (status !== 200) throw new Error(`answered ${status}`);
    }
    sent += EVENTS_PER_ROUND;
    if (round > 0) cpus.get(size)?.push(cpuOfEach(EVENTS_PER_ROUND, before));
  }
}
if (handled !== sent) throw new Error(`${handled} of ${sent} handled`);

const single = spreadOf(cpus.get(1) ?? []);
await publish({
  title: 'Batches',
  about: `Batches of IncomingCall events through the pipeline without its checks, with the ledger in memory: CPU in microseconds
an event. ${EVENTS_PER_ROUND} events of each size in turns, ${ROUNDS} rounds, medians and quartiles. Every event was handled once.`,
  tables: [
    {
      title: 'CPU of an event',
      columns: ['events in a batch', 'CPU µs an event', '/ alone'],
      rows: [...cpus].map(([size, rounds]) => {
        const spread = spreadOf(rounds);
        return [String(size), spread, spread.median / single.median];
      }),
    },
  ],
});
