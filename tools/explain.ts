import { runCommand } from '../local/cli.ts';
import { explainCommand } from './explain/command.ts';
import { usage } from './explain/options.ts';

// `npm run explain`
await runCommand(usage(), async (args) => {
  const { text, code } = await explainCommand(args, process.env, process.stdin);
  console.log(text);
  return code;
});
