import path from 'node:path';
import type { Environment } from '../shared/settings/table.ts';
import { startApp } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import { expectedRoutes } from './expected-routes.ts';
import type { LogEntry } from './host/log.ts';
import type { ServedRoute } from './host/routes.ts';
import { watchFolder } from './watch.ts';

const handlers = path.resolve(import.meta.dirname, '..', 'handlers');

export type Served = {
  readonly url: string;
  readonly routes: readonly ServedRoute[];
  /**
   * Starts the app again whenever a handler is saved; while it does not start, the fault is printed.
   *
   * @param hint what to do then, printed with each restart
   */
  readonly restartOnSave: (hint?: string) => void;
  /** Starts the app again, with nothing of what it knows; rejects where it does not start. */
  readonly restart: () => Promise<void>;
  /** Where it listens, as soon as it does: while it starts again, that is waited for. */
  readonly listening: () => Promise<{ readonly port: number }>;
  readonly stop: () => Promise<void>;
};

/** Serves an app until it is stopped. Rejects where it does not start the first time. */
export async function serve(options: {
  /** A staged folder or an entry file. */
  app: string;
  port: number;
  /** Of this machine; 127.0.0.1 where nothing else is said. */
  address?: string;
  environment: Environment;
  onLog: (message: LogEntry) => void;
  onState?: (state: 'running' | 'starting' | 'failed') => void;
}): Promise<Served> {
  const { onState = () => {} } = options;
  const start = (port: number) =>
    startApp({ ...options, port, expectedRoutes: expectedRoutes(options.environment) });
  let app: AppProcess | undefined = await start(options.port);
  const { url, routes } = app;
  // A port that was free for the first start is the one that everybody knows by now.
  const port = Number(new URL(url).port);
  let turn: Promise<void> = Promise.resolve();
  let watcher: { close(): void } | undefined;

  let up = Promise.withResolvers<{ readonly port: number }>();
  up.resolve({ port });

  async function anew(): Promise<void> {
    if (app) up = Promise.withResolvers();
    onState('starting');
    await app?.stop();
    app = undefined;
    try {
      app = await start(port);
      onState('running');
      up.resolve({ port });
    } catch (fault) {
      onState('failed');
      throw fault;
    }
  }

  async function restart(file: string, hint: string): Promise<void> {
    const started = performance.now();
    try {
      await anew();
      const took = Math.round(performance.now() - started);
      console.log(`handlers/${file} was saved: restarted in ${took} ms. ${hint}`);
    } catch (fault) {
      console.error(`handlers/${file} was saved, but the app does not start:\n${(fault as Error).message}`);
    }
  }

  return {
    url,
    routes,
    restartOnSave(hint = '') {
      watcher = watchFolder(handlers, (file) => {
        turn = turn.then(() => restart(file, hint));
      });
    },
    restart() {
      const restarted = turn.then(anew);
      turn = restarted.catch(() => {});
      return restarted;
    },
    listening: () => up.promise,
    async stop() {
      watcher?.close();
      await turn;
      await app?.stop();
    },
  };
}
