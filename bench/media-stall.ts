import { publish } from './harness/report.ts';
import { format } from './harness/statistics.ts';
import { callers } from './media/callers.ts';
import { startServer } from './media/server.ts';

// The delay of 499 sockets while the handler of one more reads nothing and its sender continues, beside the delay before.
//
//     npm run bench -- media-stall [--long]
const [SOCKETS, SECONDS] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 30)];

const server = await startServer('host.ts');
const load = await callers(server, SOCKETS - 1);
await load.send(3);
load.result();

await load.send(SECONDS);
const before = load.result();

const figuresBefore = await server.figures();
const stalled = await callers(server, 1);
stalled.sendText(0, '{"kind":"DtmfData","dtmfData":{"data":"0"}}');
const frame = 'x'.repeat(1000);
const flood = setInterval(() => {
  // Twenty times the pace of a genuine sender, as far as the socket takes it.
  for (let number = 0; number < 20 && stalled.queuedBytes(0) < 2 ** 24; number++) stalled.sendText(0, frame);
}, 20);
await load.send(SECONDS);
clearInterval(flood);
const during = load.result();
const figuresAfter = await server.figures();
await publish({
  title: 'A handler that stalls',
  about: `The delay of ${SOCKETS - 1} sockets while the handler of one more reads nothing and its sender continues, beside the delay
before; ${SECONDS} seconds each, in one process. p99, of that before: ${format(during.p99 / before.p99)}. Lost by the others:
${during.lost}. ${format(stalled.queuedBytes(0) / 2 ** 20)} MiB wait at the sender of the stalled socket. Heap ${format(figuresBefore.heap)} →
${format(figuresAfter.heap)} MiB, resident ${format(figuresBefore.resident)} → ${format(figuresAfter.resident)} MiB.`,
  tables: [
    {
      title: 'The other sockets',
      columns: ['', 'received', 'disordered', 'p50 ms', 'p99 ms', 'senders late ms'],
      rows: Object.entries({ before, 'one stalled': during }).map(([name, one]) => [
        name,
        one.received,
        one.disordered,
        one.p50,
        one.p99,
        one.lateMs,
      ]),
    },
  ],
});
load.close();
stalled.close();
await server.stop();
