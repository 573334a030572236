import { createReadStream } from 'node:fs';
import { doctorOptions } from './doctor/options.ts';
import { examine } from './doctor/examine.ts';
import { adviceOn } from './doctor/observe/advice.ts';
import { observed } from './doctor/observe/tally.ts';
import { report } from './doctor/report.ts';
import { readEnvironment } from './doctor/sources.ts';

// `npm run doctor`: examines the settings and everything that they name, or, with --observe, the log of a running app.
try {
  const { settings, observe } = doctorOptions(process.argv.slice(2));
  const environment = readEnvironment(settings, process.env);
  if (observe === undefined) {
    const { text, isWell } = report(await examine(environment), environment);
    console.log(text);
    leave(isWell ? 0 : 1);
  } else {
    const tally = await observed(observe === '-' ? process.stdin : createReadStream(observe));
    console.log(adviceOn(tally, environment));
    leave(tally.deliveries > 0 ? 0 : 1);
  }
} catch (fault) {
  console.error((fault as Error).message);
  leave(1);
}

/** Connections that a service keeps open must not keep the process; what was printed goes out first. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit());
}
