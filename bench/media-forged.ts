import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askToUpgrade } from '../local/http/sockets.ts';
import { publish } from './harness/report.ts';
import { told } from './harness/statistics.ts';
import { startServer } from './media/server.ts';

// Upgrades that prove nothing, two hundred at a time, and connections that never finish their request, while genuine calls
// come in one after the other. Those that are half open stay as long as they are let.
//
//     npm run bench -- media-forged [--long]
const [UPGRADES, HALF_OPEN] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
const AT_ONCE = 200;

const server = await startServer('host.ts');
const { url } = server.genuine();
const forged = { url: url.replace('ws:', 'http:'), headers: [] };
const genuine = () => {
  const { url: address, headers } = server.genuine();
  return askToUpgrade({ url: address, headers: Object.entries(headers) });
};
await genuine();
const before = await server.figures();

const half: Socket[] = [];
async function holdHalfOpen(): Promise<void> {
  for (let number = 0; number < HALF_OPEN; number++) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /media?ticket=x HTTP/1.1\r\nhost: a\r\nx-a: ');
    half.push(socket);
    if (number % 50 === 0) await sleep(1);
  }
}

const statuses = new Map<number, number>();
let sent = 0;
async function forge(): Promise<void> {
  while (sent < UPGRADES) {
    sent++;
    const { status } = await askToUpgrade(forged).catch(() => ({ status: 0 }));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
}

let over = false;
const calls = { in: 0, out: 0, delays: [] as number[] };
async function call(): Promise<void> {
  while (!over) {
    const { status, milliseconds } = await genuine().catch(() => ({ status: 0, milliseconds: 0 }));
    calls[status === 101 ? 'in' : 'out']++;
    calls.delays.push(milliseconds);
    await sleep(10);
  }
}

const started = performance.now();
const calling = call();
await holdHalfOpen();
const whileHalfOpen = { ...calls };
await Promise.all(Array.from({ length: AT_ONCE }, forge));
const seconds = (performance.now() - started) / 1000;
over = true;
await calling;
const open = half.filter((socket) => !socket.destroyed).length;
const after = await server.figures();
const delays = calls.delays.toSorted((one, other) => one - other);

const at = (share: number) => delays[Math.floor(delays.length * share)] ?? Number.NaN;
await publish({
  title: 'The media host under forged upgrades',
  about: `${UPGRADES} upgrades that prove nothing, ${AT_ONCE} at a time, and ${HALF_OPEN} connections that never finish their request,
while genuine calls come in one after the other.`,
  tables: [
    {
      title: 'What became of them',
      columns: ['', ''],
      rows: [
        ['took', `${told(seconds)} s`],
        [
          'forged upgrades answered',
          [...statuses].map(([status, times]) => `${status} ${times} times`).join(', '),
        ],
        ['half open at the end', String(open)],
        ['genuine calls let in', `${calls.in}, ${whileHalfOpen.in} of them while connections piled up`],
        ['genuine calls not let in', String(calls.out)],
        ['their upgrade took', `${told(at(0.5))} ms (p50), ${told(at(0.99))} ms (p99)`],
        ['heap', `${told(before.heap)} → ${told(after.heap)} MiB`],
        ['resident', `${told(before.resident)} → ${told(after.resident)} MiB`],
      ],
    },
  ],
});
for (const socket of half) socket.destroy();
await server.stop();
