import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { providers } from '../shared/providers/index.ts';
import { routePath } from '../shared/delivery/endpoint.ts';
import type { Environment } from '../shared/settings/table.ts';
import { HostError } from './host/host-error.ts';
import type { LogEntry } from './host/log.ts';
import type { HostMessage } from './host/report.ts';
import type { ServedRoute } from './host/routes.ts';

/** The app in its own process under the local host, so that it starts as on Azure and can restart. */
export type AppProcess = {
  readonly url: string;
  readonly pid: number;
  readonly routes: readonly ServedRoute[];
  readonly stop: () => Promise<void>;
  /** Ends it in the middle of its work, as a crash would. */
  readonly kill: () => Promise<void>;
};

const hostMain = path.join(import.meta.dirname, 'host', 'main.ts');

/**
 * Starts the app and waits until it listens.
 *
 * @throws HostError with the host's message where the app does not start
 */
export async function startApp(options: {
  app: string;
  port: number;
  address?: string;
  environment: Environment;
  expectedRoutes: readonly string[];
  onLog: (message: LogEntry) => void;
  /** Takes each line that the app writes to its console. Without it the app writes to the console of this process. */
  onOutput?: (line: string) => void;
}): Promise<AppProcess> {
  const { app, port, address, environment, expectedRoutes: routes, onLog, onOutput } = options;
  const expected = routes.flatMap((route) => ['--expect', route]);
  const bound = address === undefined ? [] : ['--address', address];
  const args = ['--app', app, '--port', String(port), '--no-settings', ...bound, ...expected];
  const console = onOutput ? 'pipe' : 'inherit';
  const child = fork(hostMain, args, {
    env: { ...environment },
    // A staged app names places in the sources.
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', console, console, 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => onOutput?.(line));
  }
  // With everything that it wrote.
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const listening = await ready(child, onLog);
  return {
    ...listening,
    pid: child.pid ?? 0,
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

/** A busy machine needs half a minute. An app that waits for something at the top level of a file never starts. */
const START_TIMEOUT_MS = 120_000;

function ready(child: ChildProcess, onLog: (message: LogEntry) => void) {
  const { promise, resolve, reject } = Promise.withResolvers<Pick<AppProcess, 'url' | 'routes'>>();
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new HostError(`The app does not listen after ${START_TIMEOUT_MS / 1000} s.`));
  }, START_TIMEOUT_MS);
  child.on('message', (message: HostMessage) => {
    if (message.type === 'log') onLog(message);
    else if (message.type === 'ready') resolve({ url: message.url, routes: message.routes });
    else reject(new HostError(message.message));
  });
  child.once('error', reject);
  child.once('exit', (code) =>
    reject(new HostError(`The local host ended with code ${code} before it listened.`)),
  );
  return promise.finally(() => clearTimeout(timer));
}

/**
 * The routes that an app with these settings must register. An app that registers too few looks healthy until the first
 * call is lost.
 */
export function expectedRoutes(environment: Environment): string[] {
  const enabled = providers.filter(({ enabledBy }) => enabledBy.some((name) => environment[name]?.trim()));
  const routes = enabled.flatMap((provider) => provider.routes);
  return [
    ...routes.map(({ methods, path }) => `${methods.join(',')} ${routePath(path)}`),
    `GET ${routePath('health')}`,
  ];
}

/** An app whose attempts time out on a busy machine makes them again, at growing intervals. */
const HEALTH_TIMEOUT_MS = 180_000;
const HEALTH_POLL_MS = 50;

/**
 * Waits until an app has its keys, secrets and ledger. On a busy machine the first attempt at one of them may time out.
 *
 * @returns false where it gave up after three minutes; the requests that follow then show the fault
 */
export async function untilHealthy(url: string, route = routePath('health')): Promise<boolean> {
  const started = performance.now();
  while (performance.now() - started < HEALTH_TIMEOUT_MS) {
    const answer = await fetch(`${url}${route}`).catch(() => undefined);
    if (answer?.status === 200) return true;
    await wait(HEALTH_POLL_MS);
  }
  return false;
}
