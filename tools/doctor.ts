import { createReadStream } from 'node:fs';
import { misused, runCommand } from '../local/cli.ts';
import { doctorOptions, usage } from './doctor/options.ts';
import { examine } from './doctor/examine.ts';
import { adviceOn } from './doctor/observe/advice.ts';
import { observed } from './doctor/observe/tally.ts';
import { report } from './doctor/report.ts';
import { readEnvironment } from './doctor/sources.ts';

// `npm run doctor`: examines the settings and everything that they name, or, with --observe, the log of a running app.
await runCommand(usage, async (args) => {
  const { settings, observe } = doctorOptions(args);
  const environment = readEnvironment(settings, process.env);
  if (observe === undefined) {
    const { text, isWell } = report(await examine(environment), environment);
    console.log(text);
    return isWell ? 0 : 1;
  }
  const log = observe === '-' ? process.stdin : createReadStream(observe);
  const tally = await observed(log).catch((fault: NodeJS.ErrnoException) =>
    misused(`${observe} cannot be read (${fault.code})`),
  );
  console.log(adviceOn(tally, environment));
  return tally.deliveries > 0 ? 0 : 1;
});
