import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Environment } from '../shared/settings/table.ts';
import type { LogEntry } from './host/log.ts';
import type { HostMessage } from './host/report.ts';
import type { ServedRoute } from './host/routes.ts';

/** The app in a process of its own, served by the local host: so that it starts as it does on Azure, and can restart. */
export type AppProcess = {
  readonly url: string;
  readonly pid: number;
  readonly routes: readonly ServedRoute[];
  readonly stop: () => Promise<void>;
  /** Ends it in the middle of whatever it does, as a crash would. */
  readonly kill: () => Promise<void>;
};

const hostMain = path.join(import.meta.dirname, 'host', 'main.ts');

/**
 * Starts the app and waits until it listens.
 *
 * @throws Error with the host's message where the app does not start
 */
export async function startApp(options: {
  app: string;
  port: number;
  address?: string;
  environment: Environment;
  expectedRoutes: readonly string[];
  onLog: (message: LogEntry) => void;
  /** Takes what the app writes to its console, which is this process's own console where nobody takes it. */
  onOutput?: (text: string) => void;
}): Promise<AppProcess> {
  const { app, port, address, environment, expectedRoutes, onLog, onOutput } = options;
  const expected = expectedRoutes.flatMap((route) => ['--expect', route]);
  const bound = address === undefined ? [] : ['--address', address];
  const args = ['--app', app, '--port', String(port), '--no-settings', ...bound, ...expected];
  const console = onOutput ? 'pipe' : 'inherit';
  const child = fork(hostMain, args, {
    env: { ...environment },
    execArgv: [],
    stdio: ['ignore', console, console, 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
  }
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { url, routes } = await ready(child, onLog);
  return {
    url,
    pid: child.pid ?? 0,
    routes,
    async stop() {
      if (child.connected) child.send({ type: 'stop' });
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function ready(child: ChildProcess, onLog: (message: LogEntry) => void) {
  return new Promise<{ url: string; routes: readonly ServedRoute[] }>((resolve, reject) => {
    child.on('message', (message: HostMessage) => {
      if (message.type === 'log') onLog(message);
      else if (message.type === 'ready') resolve(message);
      else reject(new Error(message.message));
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`The local host ended with code ${code} before it listened.`)),
    );
  });
}
