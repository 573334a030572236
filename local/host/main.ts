/**
 * The local host as a process: `node local/host/main.ts --app <folder|file>`. Serves until SIGINT or SIGTERM, or, where
 * a parent holds an IPC channel, until the parent says `{ type: 'stop' }` or goes away. Exits with 1, and a message
 * without a stack where the fault is an expected one, when the app cannot be served or leaves an error unhandled.
 */
import { join } from 'node:path';
import { isExpected } from '../cli.ts';
import { findApp } from './app-folder.ts';
import { readCommandLine } from './command-line.ts';
import { HostError } from './host-error.ts';
import { loadLocalSettings } from './local-settings.ts';
import { openReport, type ParentMessage } from './report.ts';
import { serveApp, type ServedApp } from './serve.ts';

const report = openReport();
let served: ServedApp | undefined;
let ending = false;

process.on('uncaughtException', fail); // unhandled rejections arrive here too
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
if (process.send) {
  process.on('disconnect', stop);
  process.on('message', (message?: ParentMessage) => message?.type === 'stop' && stop());
}

try {
  served = await start();
  report.send({ type: 'ready', url: served.url, routes: served.routes });
} catch (error) {
  fail(error);
}

async function start(): Promise<ServedApp> {
  const { app, port, address, expect, settings, grace } = readCommandLine(process.argv.slice(2));
  if (settings !== false) {
    const file = settings ?? join(findApp(app).folder, 'local.settings.json');
    if (!loadLocalSettings(file, process.env) && settings !== undefined) {
      throw new HostError(`There is no settings file at ${settings}.`);
    }
  }
  process.env.AZURE_FUNCTIONS_ENVIRONMENT ||= 'Development'; // as Core Tools does
  return serveApp({
    app,
    port,
    address,
    expectedRoutes: expect,
    grace,
    onLog: (entry) => report.send({ type: 'log', ...entry }),
  });
}

function stop(): void {
  if (!ending) void end(0, served?.close());
}

function fail(error: unknown): void {
  const message = error instanceof Error && !isExpected(error) ? error.stack : undefined;
  report.send({
    type: 'failed',
    message: message ?? (error instanceof Error ? error.message : String(error)),
  });
  void end(1);
}

async function end(code: number, before?: Promise<void>): Promise<void> {
  ending = true;
  await before;
  await report.flush();
  process.exit(code);
}
