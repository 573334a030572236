import { readdirSync, watch } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../shared/settings/table.ts';
import { expectedRoutes, startApp } from './app-process.ts';
import type { LogEntry } from './host/log.ts';
import { startMedia } from './media-process.ts';

const handlers = path.resolve(import.meta.dirname, '..', 'handlers');

/** Serves the functions until they are stopped. Rejects where they do not start the first time. */
export const serveApp = ({
  port,
  environment,
  expectedRoutes: routes = expectedRoutes,
  onState,
  ...options
}: {
  /** A staged folder or an entry file. */
  app: string;
  port: number;
  /** 127.0.0.1 by default. */
  address?: string;
  /** Read at each start. */
  environment: () => Environment;
  /** By default those of Ringward with these settings. */
  expectedRoutes?: (environment: Environment) => readonly string[];
  onLog: (message: LogEntry) => void;
  onOutput?: (line: string) => void;
  onState?: (state: ProcessState) => void;
}) =>
  restartable({
    start: (port) => {
      const now = environment();
      return startApp({ ...options, environment: now, expectedRoutes: routes(now), port });
    },
    port,
    ...(onState && { onState }),
  });

/** Serves the media host until it is stopped. Rejects where it does not start the first time. */
export const serveMedia = ({
  port,
  environment,
  ...options
}: Omit<Parameters<typeof startMedia>[0], 'environment'> & { environment: () => Environment }) =>
  restartable({ start: (port) => startMedia({ ...options, environment: environment(), port }), port });

export type ProcessState = 'running' | 'starting' | 'failed';

/** A child process that restarts on the port of its first start. */
async function restartable<Child extends { url: string; stop(): Promise<unknown> }>({
  start,
  port: firstPort,
  onState = () => {},
}: {
  start: (port: number) => Promise<Child>;
  port: number;
  onState?: (state: ProcessState) => void;
}) {
  const first = await start(firstPort);
  const port = Number(new URL(first.url).port);
  let child: Child | undefined = first;
  let turn: Promise<void> = Promise.resolve();
  let watcher: { close(): void } | undefined;
  let up = Promise.withResolvers<{ readonly port: number }>();
  up.resolve({ port });

  async function restartNow(): Promise<void> {
    up = Promise.withResolvers();
    // Nobody may be waiting.
    up.promise.catch(() => {});
    onState('starting');
    await child?.stop();
    child = undefined;
    try {
      child = await start(port);
      onState('running');
      up.resolve({ port });
    } catch (fault) {
      onState('failed');
      up.reject(fault);
      throw fault;
    }
  }

  /** Restarts it without anything that it knew. Rejects where it does not start. */
  function restart(): Promise<void> {
    const restarted = turn.then(restartNow);
    turn = restarted.catch(() => {});
    return restarted;
  }

  return {
    first,
    restart,
    /** Restarts it whenever a handler is saved. */
    restartOnSave(
      onRestarted: (file: string, milliseconds: number) => void,
      onFailed: (file: string, message: string) => void,
    ): void {
      watcher = watchFolder(handlers, async (file) => {
        const started = performance.now();
        await restart().then(
          () => onRestarted(file, Math.round(performance.now() - started)),
          (fault: Error) => onFailed(file, fault.message),
        );
      });
    },
    /** The port, once it listens: while it restarts, this waits. Rejects while it does not start. */
    listening: () => up.promise,
    async stop(): Promise<void> {
      watcher?.close();
      await turn;
      await child?.stop();
    },
  };
}

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

/**
 * Calls back with the name of the file once per burst of changes in a folder and its present subfolders. Each folder has
 * its own watcher: the recursive watch of Linux loses a file that an editor replaces.
 */
export function watchFolder(folder: string, onChange: (file: string) => void): { close(): void } {
  const inside = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
  let settling: NodeJS.Timeout | undefined;
  const watchers = [folder, ...inside].map((one) =>
    watch(one, (_event, file) => {
      if (!file?.endsWith('.ts')) return;
      clearTimeout(settling);
      settling = setTimeout(() => onChange(path.relative(folder, path.join(one, file))), SETTLE_MS);
    }),
  );
  return {
    close() {
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}
