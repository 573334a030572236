import { publish } from './harness/report.ts';
import { told } from './harness/statistics.ts';
import { callers } from './media/callers.ts';
import { startServer } from './media/server.ts';

// The delay of 499 sockets while the handler of one takes nothing any more and its sender goes on, against the delay
// before, in one process and one run.
//
//     npm run bench -- media-stall [--long]
const [SOCKETS, SECONDS] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 30)];

const server = await startServer('host.ts');
const load = await callers(server, SOCKETS - 1);
await load.send(3);
load.result();

await load.send(SECONDS);
const unstalled = load.result();

const before = await server.figures();
const victim = await callers(server, 1);
victim.say(0, '{"kind":"DtmfData","dtmfData":{"data":"0"}}');
const frame = 'x'.repeat(1000);
const flood = setInterval(() => {
  // Twenty times the pace of a genuine sender, as far as it gets rid of them.
  for (let number = 0; number < 20 && victim.waiting(0) < 2 ** 24; number++) victim.say(0, frame);
}, 20);
await load.send(SECONDS);
clearInterval(flood);
const stalled = load.result();
const after = await server.figures();
const waiting = victim.waiting(0) / 2 ** 20;
await publish({
  title: 'A handler that stalls',
  about: `The delay of ${SOCKETS - 1} sockets while the handler of one takes nothing any more and its sender goes on, against the
delay before, ${SECONDS} seconds each, in one process. p99, of the unstalled: ${told(stalled.p99 / unstalled.p99)}. Lost by the others:
${stalled.lost}. ${told(waiting)} MiB wait with the sender of the stalled one. Heap ${told(before.heap)} → ${told(after.heap)} MiB, resident
${told(before.resident)} → ${told(after.resident)} MiB.`,
  tables: [
    {
      title: 'The others',
      columns: ['', 'received', 'disordered', 'p50 ms', 'p99 ms', 'senders late ms'],
      rows: Object.entries({ unstalled, 'one stalled': stalled }).map(
        ([name, { received, disordered, p50, p99, late }]) => [
          name,
          ...[received, disordered].map(String),
          ...[p50, p99, late].map(told),
        ],
      ),
    },
  ],
});
load.close();
victim.close();
await server.stop();
