import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { endingOf } from '../../local/cli.ts';
import type { Environment } from '../../shared/settings/table.ts';

const tools = path.resolve(import.meta.dirname, '..', '..', 'tools');
const textOf = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();

/** What a process needs that shall find no setting of this one. */
export function bareEnvironment(): Environment {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE };
}

/** Runs a tool as npm does, and tells what it printed and how it ended. */
export async function command(
  tool: string,
  args: readonly string[],
  input: string | Buffer = '',
  environment: Environment = {},
) {
  const child = spawn(process.execPath, [path.join(tools, tool), ...args], {
    env: { ...bareEnvironment(), ...environment, NO_COLOR: '1' },
  });
  const exited = once(child, 'exit');
  // It may stop reading before the end.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([
    child.stdout.toArray().then(textOf),
    child.stderr.toArray().then(textOf),
    exited,
  ]);
  return { output, errors, code: code as number };
}

/** The same of what a tool does, in this process: a process for each case takes a second. */
export async function inProcess(run: () => Promise<{ text: string; code: number }>) {
  try {
    const { text, code } = await run();
    return { output: `${text}\n`, errors: '', code };
  } catch (thrown) {
    const { message, code } = endingOf(thrown);
    return { output: '', errors: `${message}\n`, code };
  }
}
