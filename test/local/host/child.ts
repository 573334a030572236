import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LogEntry } from '../../../local/host/log.ts';
import type { HostMessage } from '../../../local/host/report.ts';
import type { ServedRoute } from '../../../local/host/routes.ts';

const main = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));

export interface HostProcess {
  url: string;
  routes: readonly ServedRoute[];
  /** The first entry with that message, past or to come. */
  log(message: string | RegExp): Promise<LogEntry>;
  logs: LogEntry[];
  /** Whatever the app listens for, or the host's own `stop`. */
  send(message: { type: string }): void;
  disconnect(): void;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>;
  exited: Promise<number | null>;
  failed: Promise<string>;
}

export const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Starts the local host on a free port, with an IPC channel. Rejects with its message when it fails to start. */
export async function startHost(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<HostProcess> {
  const child = fork(main, ['--port', '0', ...args], {
    env: { ...process.env, ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const arrived = new EventEmitter().setMaxListeners(0);
  const logs: LogEntry[] = [];
  child.on('message', (message: HostMessage) => {
    if (message.type === 'log') logs.push(message);
    arrived.emit(message.type, message);
  });
  // Messages may still be in the channel when the process is gone.
  const exited = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
    ([[code]]): number | null => code,
  );
  let message: string | undefined;
  const failed = once(arrived, 'failed').then(([failure]): string => (message = failure.message));
  const ready = await Promise.race([
    once(arrived, 'ready').then(([message]): Extract<HostMessage, { type: 'ready' }> => message),
    exited.then((code) => Promise.reject(new Error(`exit ${code}: ${message ?? `no word, but ${stderr}`}`))),
  ]);
  const fits = (message: string | RegExp) => (entry: LogEntry) =>
    typeof message === 'string' ? entry.message === message : message.test(entry.message);
  return {
    url: ready.url,
    routes: ready.routes,
    logs,
    async log(message) {
      for (;;) {
        const entry = logs.find(fits(message));
        if (entry) return entry;
        await once(arrived, 'log');
      }
    },
    send: (message) => void child.send(message),
    disconnect: () => child.disconnect(),
    kill: (signal) => void child.kill(signal),
    stop() {
      if (child.connected) child.send({ type: 'stop' });
      return exited;
    },
    exited,
    failed,
  };
}
