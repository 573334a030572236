// One start, measured by start-up.ts: node child.cjs <app>. Loads the app and reports when all of its
// functions are registered. CommonJS without dependencies: whatever this file loads would be in every figure.
const app = process.argv[2];

(async () => {
  if (app.endsWith('.ts')) await import(app);
  else if (app !== 'none') require(app);
  const nanoseconds = String(process.hrtime.bigint() - BigInt(process.env.STARTED));
  const { user, system } = process.cpuUsage();
  const { functions } = require('@azure/functions-core');
  process.stdout.write(JSON.stringify({ functions: functions.length, nanoseconds, cpu: user + system }));
  // The app waits for requests, and none will come.
  process.exit();
})();
