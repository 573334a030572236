import { pathToFileURL } from 'node:url';
import type { AppFolder } from './app-folder.ts';
import { installCore, registry } from './functions-core.ts';
import { HostError } from './host-error.ts';
import { runHooks } from './invoke.ts';
import { hostLog } from './log.ts';
import { httpTrigger } from './routes.ts';

/**
 * Loads the app and starts it in the worker's order: entries, `appStart` hooks, capabilities; then no function may be
 * registered any more.
 * @throws HostError when it registers no HTTP function or turns HTTP streaming on; what an entry or a hook throws.
 */
export async function startApp({ folder, entries }: AppFolder): Promise<void> {
  installCore();
  for (const entry of entries) await import(pathToFileURL(entry).href);
  await runHooks('appStart', { ...appLevel(), functionAppDirectory: folder });

  const capabilities = await registry.model?.getCapabilities?.({});
  registry.locked = true;
  // In streaming mode the library takes requests over a server of its own, and hangs without it.
  if (capabilities?.HttpUri !== undefined) {
    throw new HostError(
      'The app turns HTTP streaming on, which the local host does not have. Take enableHttpStream out of app.setup().',
    );
  }

  const functions = [...registry.functions.values()];
  for (const fn of functions.filter((one) => !httpTrigger(one))) {
    hostLog('warning', `Function "${fn.metadata.name}" has no HTTP trigger, so nothing calls it here.`);
  }
  if (!functions.some(httpTrigger)) {
    throw new HostError(
      `${entries.join(', ')} registered no HTTP function. It has to call app.http(), or import the files that do.`,
    );
  }
}

/** Runs the app's own farewells. */
export async function endApp(): Promise<void> {
  await runHooks('appTerminate', appLevel());
}

function appLevel() {
  return { hookData: registry.appLevelHookData, appHookData: registry.sharedHookData };
}
