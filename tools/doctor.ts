import { runCommand } from '../local/cli.ts';
import { systemClock } from '../shared/clock.ts';
import { doctor } from './doctor/command.ts';
import { usage } from './doctor/options.ts';

await runCommand(usage, async (args) => {
  const { text, code } = await doctor(args, process.env, process.stdin, systemClock);
  console.log(text);
  return code;
});
