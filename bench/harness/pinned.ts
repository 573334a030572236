import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Which cores a process may use: `undefined` is all of them. */
export type Cores = '0' | '1' | undefined;

/** Where a subject runs, one after the other, and what the tables call it. */
export const placements = [
  ['0', 'one core'],
  [undefined, 'two cores'],
] as const satisfies readonly (readonly [Cores, string])[];

/** Whether this machine can keep a process to a core (Linux, with util-linux). */
export const canPin = spawnSync('taskset', ['-c', '0', process.execPath, '-e', '']).status === 0;

/** Starts a file of this folder in a process of its own, which may use these cores and no others, and talks to it. */
export function startOn(
  cores: Cores,
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const node = [process.execPath, file, ...args];
  const [command = '', ...rest] = cores !== undefined && canPin ? ['taskset', '-c', cores, ...node] : node;
  const child = spawn(command, rest, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return child;
}

/** The next message of a process; rejects where it ends instead. */
export async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const stop = new AbortController();
  try {
    const { signal } = stop;
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`${child.spawnargs.join(' ')} ended with code ${String(code)}`);
    });
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Answer];
    return message;
  } finally {
    stop.abort();
  }
}

/** Asks a process, and waits for its answer. */
export function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  child.send(question);
  return answerOf(child);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
