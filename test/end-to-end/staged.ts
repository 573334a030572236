import { cp, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startApp } from '../../local/app-process.ts';
import { expectedRoutes } from '../../local/app-process.ts';
import { freePort } from '../../local/http/loopback.ts';
import type { LogEntry } from '../../local/host/log.ts';
import { startFakes } from '../support/fakes.ts';
import type { Fakes } from '../support/fakes.ts';
import { deliveryLogs } from '../support/delivery-logs.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { post } from '../../local/http/request.ts';
import { startAzurite } from '../../local/fakes/azurite.ts';
import type { Azurite } from '../../local/fakes/azurite.ts';
import type { OutgoingRequest, Reply } from '../../local/http/request.ts';
import { healthy } from '../support/healthy.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { stageApp, stageMedia } from '../../tools/build/stage.ts';
import { projectWith } from '../support/project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Stages the app as `npm run build` does, with the handlers of the tests. */
export const stageWithTestHandlers = (handlers?: string) => staged(stageApp, handlers);

/** The same for the media host. */
export const stageMediaWithTestHandlers = () => staged(stageMedia);

/** The app of a project whose host.json has this route prefix. */
export const stageWithRoutePrefix = (routePrefix: string) =>
  staged(stageApp, undefined, async function setPrefix(project) {
    // A link would lead to the shared/ beside the checkout's host.json.
    const shared = path.join(project, 'shared');
    const original = await realpath(shared);
    await unlink(shared);
    await cp(original, shared, { recursive: true });
    const file = path.join(project, 'host.json');
    const hostJson = JSON.parse(await readFile(file, 'utf8'));
    hostJson.extensions.http.routePrefix = routePrefix;
    await writeFile(file, JSON.stringify(hostJson));
  });

/** @param change changes the copy of the project that is staged */
async function staged(
  stage: typeof stageApp,
  handlers = path.join(import.meta.dirname, 'handlers'),
  change: (project: string) => Promise<void> = async () => {},
): Promise<string> {
  const project = await projectWith([handlers]);
  await change(project);
  const folder = await temporaryFolder();
  await stage(project, folder);
  return folder;
}

/** The address that callers know, where it is another than that of the process. */
export const PUBLIC_URL = 'https://app.example';

/** A staged app in a process of its own, beside the fakes, when it has all that it needs. */
export async function startStaged(...given: Parameters<typeof startAiling>) {
  const app = await startAiling(...given);
  await healthy(app.url);
  return app;
}

/**
 * The same as it is deployed: in production mode, from a folder of its own, its secrets in a vault and its ledger in a table
 * that it signs in to as itself; nothing of it is in Development.
 */
export async function startInProduction(folder: string): Promise<StagedApp & { azurite: Azurite }> {
  const made = Promise.withResolvers<Azurite>();
  const app = await startStaged(folder, async ({ azure }) => {
    const azurite = await startAzurite(await azure.authority.issue(['127.0.0.1']));
    made.resolve(azurite);
    return {
      AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
      LEDGER: 'table',
      LEDGER_TABLE_URL: azurite.url,
      CALLBACK_BASE_URL: PUBLIC_URL,
    };
  });
  const azurite = await made.promise;
  return {
    ...app,
    azurite,
    async stop() {
      await app.stop();
      await azurite.close();
    },
  };
}

/** The same of an app that lacks something, and will. */
export async function startAiling(
  folder: string,
  settings: Environment | ((cloud: Fakes) => Promise<Environment>) = {},
  prepare: (cloud: Fakes) => void = () => {},
) {
  const cloud = await startFakes();
  prepare(cloud);
  const own = typeof settings === 'function' ? await settings(cloud) : settings;
  const logged: LogEntry[] = [];
  const lines = deliveryLogs();
  const port = await freePort();
  const environment = { ...rehearsalEnvironment(process.env, cloud, `http://127.0.0.1:${port}`), ...own };
  const app = await startApp({
    app: folder,
    port,
    environment,
    expectedRoutes: expectedRoutes(environment),
    onLog: (entry) => {
      logged.push(entry);
      lines.take(entry);
    },
  });
  return {
    ...cloud,
    url: app.url,
    logged,
    lineOf: lines.of,
    callbackUri: cloud.callbackUris(app.url),
    /** Sends a request, and waits for the log of its invocation, which comes from another process than the reply. */
    async post(request: OutgoingRequest): Promise<Reply> {
      const reply = await post(request);
      await lines.of(String(reply.headers['x-ms-invocation-id']));
      return reply;
    },
    /** Event Grid about to deliver to this app; a delivery waits for the log as well. */
    subscription(schema?: Parameters<typeof cloud.subscriptionTo>[1]) {
      const subscription = cloud.subscriptionTo(app.url, schema);
      return {
        ...subscription,
        async send(...delivery: Parameters<typeof subscription.send>) {
          const reply = await subscription.send(...delivery);
          await lines.of(String(reply.headers.get('x-ms-invocation-id')));
          return reply;
        },
      };
    },
    async stop() {
      await app.stop();
      await cloud.close();
    },
  };
}

export type StagedApp = Awaited<ReturnType<typeof startStaged>>;
