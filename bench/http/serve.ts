import { servers } from './servers.ts';

// One server as a process: `serve.ts <name in servers.ts>`. Reports its port, and its CPU in seconds when asked.
const server = servers.find(({ name }) => name === process.argv[2]);
if (!server) throw new Error(`there is no server named ${process.argv[2]}`);

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: (user + system) / 1e6 });
});
process.send?.({ port: await server.start() });
// An orderly exit writes the profile of `node --cpu-prof`.
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());
