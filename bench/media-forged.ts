import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askToUpgrade } from '../local/http/sockets.ts';
import { publish } from './harness/report.ts';
import { format, quantile } from './harness/statistics.ts';
import { startServer } from './media/server.ts';

// Forged upgrades and connections that never finish their request, while genuine calls arrive one after the other.
//
//     npm run bench -- media-forged [--long]
const [UPGRADES, HALF_OPEN] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
const CONCURRENCY = 200;

const server = await startServer('host.ts');
const { url } = server.genuine();
const forged = { url: url.replace('ws:', 'http:'), headers: [] };
const genuine = () => {
  const { url: address, headers } = server.genuine();
  return askToUpgrade({ url: address, headers: Object.entries(headers) });
};
await genuine();
const before = await server.figures();

const halfOpen: Socket[] = [];
async function openHalf(): Promise<void> {
  for (let number = 0; number < HALF_OPEN; number++) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /media?ticket=x HTTP/1.1\r\nhost: a\r\nx-a: ');
    halfOpen.push(socket);
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

let isOver = false;
const calls = { accepted: 0, refused: 0, delaysMs: [] as number[] };
async function call(): Promise<void> {
  while (!isOver) {
    const { status, milliseconds } = await genuine().catch(() => ({ status: 0, milliseconds: 0 }));
    calls[status === 101 ? 'accepted' : 'refused']++;
    calls.delaysMs.push(milliseconds);
    await sleep(10);
  }
}

const started = performance.now();
const calling = call();
await openHalf();
const acceptedWhileOpening = calls.accepted;
await Promise.all(Array.from({ length: CONCURRENCY }, forge));
const seconds = (performance.now() - started) / 1000;
isOver = true;
await calling;
const open = halfOpen.filter((socket) => !socket.destroyed).length;
const after = await server.figures();
const delaysMs = calls.delaysMs.toSorted((one, other) => one - other);

await publish({
  title: 'The media host under forged upgrades',
  about: `${UPGRADES} forged upgrades, ${CONCURRENCY} at a time, and ${HALF_OPEN} connections that never finish their request,
while genuine calls arrive one after the other.`,
  tables: [
    {
      title: 'Results',
      columns: ['', ''],
      rows: [
        ['duration', `${format(seconds)} s`],
        [
          'forged upgrades answered',
          [...statuses].map(([status, times]) => `${status} ${times} times`).join(', '),
        ],
        ['half open at the end', open],
        [
          'genuine calls accepted',
          `${calls.accepted}, ${acceptedWhileOpening} of them while connections were opened`,
        ],
        ['genuine calls refused', calls.refused],
        [
          'time of their upgrade',
          `${format(quantile(delaysMs, 0.5))} ms (p50), ${format(quantile(delaysMs, 0.99))} ms (p99)`,
        ],
        ['heap', `${format(before.heap)} → ${format(after.heap)} MiB`],
        ['resident', `${format(before.resident)} → ${format(after.resident)} MiB`],
      ],
    },
  ],
});
for (const socket of halfOpen) socket.destroy();
await server.stop();
