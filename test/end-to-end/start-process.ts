import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Environment } from '../../shared/settings/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Runs what `npm start` runs, in an empty folder, so that nothing is found by accident. It ends with the test.
 *
 * @param project a copy of the project, with `local/`
 */
export async function startProcess(
  project: string,
  args: readonly string[],
  environment: Environment = process.env,
) {
  const file = path.join(project, 'local', 'start.ts');
  const child = spawn(process.execPath, [file, '--port', '0', ...args], {
    env: { ...environment, NO_COLOR: '1' },
    cwd: await temporaryFolder(),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return {
    exited,
    output: () => output,
    press: (key: string) => void child.stdin.write(key),
    printed: async (pattern: RegExp) => {
      await expect.poll(() => output).toMatch(pattern);
      return pattern.exec(output)?.[1] ?? '';
    },
  };
}
