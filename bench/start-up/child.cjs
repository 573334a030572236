// One start, in the bare process that start-up.ts measures: node child.cjs <app> [compile cache]. Loads the app and says
// when all of its functions were registered. CommonJS that needs nothing, since whatever it cost would be in every figure.
const [app, cache] = process.argv.slice(2);
if (cache) require('node:module').enableCompileCache(cache);

(async () => {
  if (app.endsWith('.ts')) await import(app);
  else if (app !== 'none') require(app);
  const nanoseconds = String(process.hrtime.bigint() - BigInt(process.env.STARTED));
  const { user, system } = process.cpuUsage();
  const { functions } = require('@azure/functions-core');
  process.stdout.write(JSON.stringify({ functions: functions.length, nanoseconds, cpu: user + system }));
  // The app waits for requests, which do not come.
  process.exit();
})();
