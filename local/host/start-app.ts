import { Agent } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { AppFolder } from './app-folder.ts';
import { installCore } from './core.ts';
import { HostError } from './host-error.ts';
import { runHooks } from './invoke.ts';
import { hostLog } from './log.ts';
import { openOnLoopback } from './loopback.ts';
import { registry } from './registry.ts';
import { httpTrigger } from './routes.ts';

export interface StartedApp {
  /** Port of the library's own server, when the app has turned HTTP streaming on. */
  readonly streamingPort: number | undefined;
  readonly agent: Agent;
  /** Runs the app's own farewells, then closes what the library opened. */
  end(): Promise<void>;
}

/**
 * Loads the app and starts it in the worker's order: entries, `appStart` hooks, capabilities; then no function may be
 * registered any more.
 * @throws HostError when it registers no HTTP function; what an entry or a hook throws.
 */
export async function startApp({ folder, entries }: AppFolder): Promise<StartedApp> {
  installCore();
  for (const entry of entries) await import(pathToFileURL(entry).href);
  await runHooks('appStart', { ...appLevel(), functionAppDirectory: folder });

  const { result: capabilities, servers } = await openOnLoopback(
    async () => (await registry.model?.getCapabilities?.({})) ?? {},
  );
  registry.locked = true;
  // Only this host calls it, over connections that it keeps; they must not run out just when one is used again.
  for (const server of servers) server.keepAliveTimeout = 0;

  const functions = [...registry.functions.values()];
  for (const fn of functions.filter((one) => !httpTrigger(one))) {
    hostLog('warning', `Function "${fn.metadata.name}" has no HTTP trigger, so nothing calls it here.`);
  }
  if (!functions.some(httpTrigger)) {
    servers.forEach((server) => server.close());
    throw new HostError(
      `${entries.join(', ')} registered no HTTP function. It has to call app.http(), or import the files that do.`,
    );
  }

  const agent = new Agent({ keepAlive: true });
  return {
    streamingPort:
      capabilities.HttpUri === undefined ? undefined : Number(new URL(capabilities.HttpUri).port),
    agent,
    async end() {
      try {
        await runHooks('appTerminate', appLevel());
      } finally {
        agent.destroy();
        for (const server of servers) {
          server.close();
          server.closeAllConnections();
        }
      }
    },
  };
}

function appLevel() {
  return { hookData: registry.appLevelHookData, appHookData: registry.sharedHookData };
}
