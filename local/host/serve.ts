import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { findApp, routePrefix } from './app-folder.ts';
import { bodyLimitBytes } from './body.ts';
import { requireRoutes } from './expected-routes.ts';
import { registry } from './functions-core.ts';
import { HostError } from './host-error.ts';
import { listen } from './listen.ts';
import { createHostServer } from './listener.ts';
import { hostLog, type LogEntry, sendLogsTo } from './log.ts';
import { routeTable, type ServedRoute } from './routes.ts';
import { endApp, startApp } from './start-app.ts';

export interface ServeOptions {
  /** A folder whose package.json names the entry as `main`, or an entry file. */
  app: string;
  /** 0 picks a free one. */
  port: number;
  /** Loopback unless another is given. */
  address?: string;
  /** Routes without which the app is refused, such as `POST /api/name`. */
  expectedRoutes?: readonly string[];
  onLog?: (entry: LogEntry) => void;
  /** Milliseconds that running invocations, and then the app's own farewells, get when the host closes; 5,000. */
  grace?: number;
  /** Milliseconds that a body may stall; 5,000. */
  bodyGrace?: number;
}

export interface ServedApp {
  readonly url: string;
  readonly routes: readonly ServedRoute[];
  /** Stops listening, lets what runs end, says goodbye to the app. Never rejects; closing twice is once. */
  close(): Promise<void>;
}

let served = false;

/**
 * Serves an Azure Functions app (Node v4 model) over HTTP through the real `@azure/functions` library, as the Functions
 * host and its Node worker do. One app a process, since the library is a singleton.
 * @throws HostError, with what to do about it, when the app cannot be served as asked; what the app itself threw while
 * it was loaded or started.
 */
export async function serveApp(options: ServeOptions): Promise<ServedApp> {
  const { port, address = '127.0.0.1', expectedRoutes = [], grace = 5_000, bodyGrace = 5_000 } = options;
  if (served) throw new HostError('This process serves an app already; one process serves one app.');
  served = true;
  sendLogsTo(options.onLog ?? (() => {}));

  const folder = findApp(options.app);
  const prefix = routePrefix(folder.folder);
  await startApp(folder);
  const running = new Set<Promise<void>>();
  let server: Server | undefined;
  try {
    const table = routeTable(registry.functions.values(), prefix);
    requireRoutes(expectedRoutes, table);
    const limits = { maxBytes: bodyLimitBytes(process.env), graceMs: bodyGrace };
    server = createHostServer(table, limits, running);
    const url = await listen(server, port, address);
    return { url, routes: table.routes, close: once(close) };
  } catch (error) {
    await close();
    throw error;
  }

  async function close(): Promise<void> {
    // Only stop listening at first: http's own close also cuts off answers that are written but not sent yet.
    if (server) NetServer.prototype.close.call(server);
    await within(grace, drained(running));
    server?.close();
    server?.closeAllConnections();
    await within(grace, endApp()).catch((error: unknown) => {
      hostLog('error', `An appTerminate hook failed: ${String(error)}`);
    });
  }
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** More may come meanwhile, over connections that are open. */
async function drained(running: Set<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= work());
}
