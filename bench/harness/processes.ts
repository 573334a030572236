import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The core that a process may use; `undefined` is all of them. */
export type Cores = '0' | '1' | undefined;

/** Where servers run, one placement after the other, and its name in the tables. */
export const placements = [
  ['0', 'one core'],
  [undefined, 'two cores'],
] as const satisfies readonly (readonly [Cores, string])[];

/** Whether this machine can bind a process to a core (Linux with util-linux). */
const canPin = spawnSync('taskset', ['-c', '0', process.execPath, '-e', '']).status === 0;

/** Starts a file as a Node process that talks to this one over IPC. Its environment is `env` alone. */
export function startOn(
  cores: Cores,
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const node = [process.execPath, file, ...args];
  const [command = '', ...rest] = cores !== undefined && canPin ? ['taskset', '-c', cores, ...node] : node;
  return spawn(command, rest, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** The next message of a process; rejects if the process ends first. */
export async function messageOf<Message>(child: ChildProcess): Promise<Message> {
  const stop = new AbortController();
  try {
    const { signal } = stop;
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`${child.spawnargs.join(' ')} ended with code ${String(code)}`);
    });
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Message];
    return message;
  } finally {
    stop.abort();
  }
}

/** Sends a question to a process and waits for its answer. */
export function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  child.send(question);
  return messageOf(child);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
