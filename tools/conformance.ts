import { writeFile } from 'node:fs/promises';
import { CommandError, runCommand } from '../local/cli.ts';
import { printableLines } from '../local/printable.ts';
import { conformanceOptions, usage } from './conformance/options.ts';
import { startReceiver, untilListening } from './conformance/receiver.ts';
import { countsOf, isRight, reportText } from './conformance/report.ts';
import { runConformance } from './conformance/run.ts';

// `npm run conformance`: attacks any receiver of webhooks as Ringward is attacked.
await runCommand(usage, async (args) => {
  const { url, run, json, port, ...options } = conformanceOptions(args);
  let printed = () => 'The log of the receiver says more.';
  const report = await runConformance({
    ...options,
    url,
    port,
    async start(settings) {
      console.log(
        'The receiver needs these settings to trust the fakes. Never leave them in one that is deployed:\n',
      );
      for (const [name, value] of Object.entries(settings)) console.log(`  ${name.padEnd(38)}${value}`);
      if (run !== undefined) {
        console.log(`\nStarting the receiver: ${run}\n`);
        const { stop, lastLines } = await startReceiver(run, url, settings);
        printed = lastLines;
        return stop;
      }
      console.log(`\nWaiting until something listens at ${url}. Ctrl-C ends this.\n`);
      await untilListening(url);
      return async () => {};
    },
    onFamily({ name, cases }) {
      const { right, 'not-tested': untested } = countsOf(cases);
      console.log(`  ${name.padEnd(50)}${right} of ${cases.length - untested}`);
    },
  }).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EADDRINUSE') throw fault;
    throw new CommandError(`Port ${port} or ${port + 1} is taken: choose another with --issuer-port.`);
  });
  console.log(`\n${reportText(report)}`);
  const { hung, 'broken-connection': broken } = report.counts;
  if (hung + broken > 0) console.log(`\n${printableLines(printed(), 1000)}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  return report.families.every(({ cases }) => cases.every(isRight)) ? 0 : 1;
});
