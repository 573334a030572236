import { callers } from './media/callers.ts';
import { startServer } from './media/server.ts';

// The delay of 499 sockets while the handler of one takes nothing any more and its sender goes on, against the delay
// before, in one process and one run.
//
//     node tools/run.mjs bench/media-stall.ts [sockets] [seconds]
const [SOCKETS, SECONDS] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 30)];

const server = await startServer('host.ts');
const load = await callers(server, SOCKETS - 1);
await load.send(3);
load.result();

const show = (name: string, { received, disordered, p50, p99, late }: ReturnType<typeof load.result>) =>
  console.log(
    `${name.padEnd(12)} received ${received}, disordered ${disordered}, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, senders late ${late.toFixed(0)} ms at worst`,
  );
await load.send(SECONDS);
const unstalled = load.result();
show('unstalled', unstalled);

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
show('one stalled', stalled);
const after = await server.figures();
console.log(`p99, of the unstalled: ${(stalled.p99 / unstalled.p99).toFixed(2)}`);
console.log(`lost by the others: ${stalled.lost}`);
console.log(
  `not taken from the stalled one: ${(victim.waiting(0) / 2 ** 20).toFixed(1)} MiB wait with its sender`,
);
console.log(
  `heap ${before.heap.toFixed(1)} → ${after.heap.toFixed(1)} MiB, resident ${before.resident.toFixed(0)} → ${after.resident.toFixed(0)} MiB`,
);
load.close();
victim.close();
await server.stop();
