/**
 * What every npm script goes through: `node tools/run.mjs <file.ts | command of a dependency> [arguments]`.
 * It makes a fresh clone ready (dependencies, and a Node that runs TypeScript) and then runs the target, so that
 * each script works as the very first command. Without a target it only makes ready and says what with.
 * Plain JavaScript for Node 20 and up, with no dependencies: it runs before there are any.
 */
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaveLike, runChild } from './run/child.mjs';
import { commandOf } from './run/command.mjs';
import { install } from './run/install.mjs';
import { isInstalled } from './run/installed.mjs';
import { findRuntime, mistrustRuntime } from './run/runtime.mjs';
import { say, stop } from './run/say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [target, ...args] = process.argv.slice(2);

if (!isInstalled(root)) await install(root);

let runtime = findRuntime(root);
if (target === undefined) say(`ready: Node ${runtime.version} (${runtime.file})`);
else leaveLike((await run(runtime)) ?? (await runElsewhere()));

/** Resolves to undefined when the process could not be started at all. */
async function run({ file, brought }) {
  const command = commandOf(root, target);
  // What the target starts by name (`node`, `esbuild`) shall be ours too. Where the Node that came along is of no
  // use, it must not shadow the one that is.
  const bin = join(root, 'node_modules', '.bin');
  const first = brought ? [bin] : [dirname(file), bin];
  process.env.PATH = [...first, process.env.PATH].filter(Boolean).join(delimiter);
  const { outcome } = command.native ? runChild(command.file, args) : runChild(file, [command.file, ...args]);
  return outcome.catch((error) => {
    if (command.native || !brought) stop(`${command.file} does not start: ${error.message}`);
  });
}

/** The runtime passed its check on an earlier run, and no longer starts. */
async function runElsewhere() {
  mistrustRuntime(root);
  runtime = findRuntime(root);
  return (await run(runtime)) ?? stop(`${runtime.file} does not start.`);
}
