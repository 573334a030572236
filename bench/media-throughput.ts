import { callers } from './media/callers.ts';
import { startServer } from './media/server.ts';

// 500 sockets that send 50 frames a second each for a minute, and hear each of them again: a bare `ws` server, then the
// media host with all of its checks. Server and callers are a process each.
//
//     node tools/run.mjs bench/media-throughput.ts [sockets] [seconds]
const [SOCKETS, SECONDS] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 60)];
const fixed = (value: number, digits = 1, width = 10) => value.toFixed(digits).padStart(width);

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
  return { ...result, cpu: (after.cpu - before.cpu) / SECONDS, memory };
}

const results = { 'bare ws': await run('bare.ts'), 'media host': await run('host.ts') };
console.log('                  sent  received      lost disordered   cores    p50 ms    p99 ms   late ms');
for (const [name, { sent, received, lost, disordered, cpu, p50, p99, late }] of Object.entries(results)) {
  console.log(
    `${name.padEnd(12)}${fixed(sent, 0)}${fixed(received, 0)}${fixed(lost, 0)}${fixed(disordered, 0, 11)}${fixed(cpu, 2, 8)}${fixed(p50)}${fixed(p99)}${fixed(late)}`,
  );
}
const { 'bare ws': bare, 'media host': host } = results;
console.log(`CPU of the media host, of the bare server's: ${(host.cpu / bare.cpu).toFixed(2)}`);
console.log(`heap/resident MiB of the media host, every tenth: ${host.memory.join(' ')}`);
