// A contender as a process: `serve.ts <file of servers/>`. Tells its port, and what it has used of a core when asked.
const { start } = (await import(`./servers/${process.argv[2]}.ts`)) as { start: () => Promise<number> };

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: (user + system) / 1e6 });
});
process.send?.({ port: await start() });
// In an orderly way, so that a profile is written where one is taken.
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());
