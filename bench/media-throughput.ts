import { publish } from './harness/report.ts';
import { format } from './harness/statistics.ts';
import { callers } from './media/callers.ts';
import { startServer } from './media/server.ts';

// 500 sockets that send 50 frames a second each and receive each of them again: first a bare `ws` server, then the media
// host with all of its checks. Server and callers are a process each.
//
//     npm run bench -- media-throughput [--long]
const [SOCKETS, SECONDS] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 60)];

async function run(file: 'bare.ts' | 'host.ts') {
  const server = await startServer(file);
  const load = await callers(server, SOCKETS);
  const before = await server.figures();
  const memory: string[] = [];
  await load.send(SECONDS, async () => {
    const { heap, resident } = await server.figures();
    memory.push(`${heap.toFixed(0)}/${resident.toFixed(0)}`);
  });
  const after = await server.figures();
  const result = load.result();
  load.close();
  await server.stop();
  return { ...result, cores: (after.cpu - before.cpu) / SECONDS, memory };
}

const results = { 'bare ws': await run('bare.ts'), 'media host': await run('host.ts') };
const { 'bare ws': bare, 'media host': host } = results;
await publish({
  title: 'The media host',
  about: `${SOCKETS} sockets that send 50 frames a second each for ${SECONDS} seconds and receive each of them again: a bare
\`ws\` server, then the media host with all of its checks. Server and callers are a process each. CPU of the media host, of the bare
server's: ${format(host.cores / bare.cores)}. Heap and resident MiB of the media host after each tenth: ${host.memory.join(', ')}.`,
  tables: [
    {
      title: 'Frames there and back',
      columns: ['', 'sent', 'received', 'lost', 'disordered', 'cores', 'p50 ms', 'p99 ms', 'senders late ms'],
      rows: Object.entries(results).map(([name, one]) => [
        name,
        one.sent,
        one.received,
        one.lost,
        one.disordered,
        one.cores,
        one.p50,
        one.p99,
        one.lateMs,
      ]),
    },
  ],
});
