import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startApp } from '../../local/app-process.ts';
import type { AppProcess } from '../../local/app-process.ts';
import { expectedRoutes } from '../../local/app-process.ts';
import type { LogEntry } from '../../local/host/log.ts';
import { freePort } from '../../local/http/loopback.ts';
import { startFakes } from '../support/fakes.ts';
import type { Fakes } from '../support/fakes.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { startAzurite } from '../../local/fakes/azurite.ts';
import { healthy } from '../support/healthy.ts';
import type { Azurite } from '../../local/fakes/azurite.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { stageWithTestHandlers } from '../end-to-end/staged.ts';
import { chance } from './chance.ts';
import { seed as anySeed } from './extent.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** How long a claim outlives its instance here, in seconds: short, so that a crash does not keep a scenario waiting. */
export const LEASE_SECONDS = 2;

export type Fleet = {
  readonly cloud: Fakes;
  readonly azurite: Azurite;
  readonly size: number;
  /** Chance, the same for the same seed; what is sent at once may still arrive in another order. */
  readonly random: () => number;
  /** Where an instance listens, from zero on; a new one in the place of one that was killed listens there too. */
  readonly urlOf: (instance: number) => string;
  /** A callback URI of the one public address; `at` leads it to an instance. */
  readonly callbackUri: () => Promise<string>;
  readonly at: (uri: string, instance: number) => string;
  /** Kills an instance in the middle of its work, and starts another in its place. */
  readonly crash: (instance: number) => Promise<void>;
  /** When each event was begun, by all instances together, in milliseconds since the epoch. */
  readonly begun: () => Promise<ReadonlyMap<string, readonly number[]>>;
  readonly pidOf: (instance: number) => number;
  /** The file that the handlers of all instances write to. */
  readonly journal: string;
  /** What the instances wrote to their consoles. */
  readonly output: () => string;
  readonly close: () => Promise<void>;
};

const PUBLIC = 'https://ringward.example';

/** The other providers go the same way, and would have every start ask for their secrets. */
const ONLY_CALLS: Environment = {
  EVENT_GRID_KEY_SECRET: '',
  EVENT_GRID_TENANT_ID: '',
  EVENT_GRID_AUTHORITY: '',
  EVENT_GRID_AUDIENCE: '',
  EVENT_GRID_SUBSCRIPTIONS: '',
  EVENT_GRID_TOPICS: '',
  VONAGE_PROJECTS: '',
};

/**
 * Instances of the staged app, each a process of its own, that share the stand-ins and one table.
 *
 * @param seed of the choices of whoever sends to them
 * @param onLog sees what the instances log
 */
export async function startFleet(
  size: number,
  settings: Environment | ((cloud: Fakes) => Environment) = {},
  seed: number = anySeed,
  onLog: (entry: LogEntry) => void = () => {},
): Promise<Fleet> {
  const folder = await stageWithTestHandlers(path.join(import.meta.dirname, 'handlers'));
  const notes = await temporaryFolder();
  const file = path.join(notes, 'journal');
  await writeFile(file, '');
  const [cloud, azurite] = await Promise.all([startFakes(), startAzurite()]);
  let output = '';
  const environment: Environment = {
    ...rehearsalEnvironment(process.env, cloud, PUBLIC),
    ...ONLY_CALLS,
    LEDGER: 'table',
    LEDGER_TABLE_URL: azurite.url,
    LEDGER_LEASE_SECONDS: String(LEASE_SECONDS),
    JOURNAL: file,
    ...(typeof settings === 'function' ? settings(cloud) : settings),
  };
  const start = async (port: number) => {
    const app = await startApp({
      app: folder,
      port,
      environment,
      expectedRoutes: expectedRoutes(environment),
      onLog,
      onOutput: (line) => {
        output += `${line}\n`;
      },
    });
    await healthy(app.url);
    return app;
  };
  const instances: AppProcess[] = await Promise.all(
    Array.from({ length: size }, async () => start(await freePort())),
  );
  const urls = instances.map(({ url }) => url);
  const urlOf = (instance: number) => urls[instance] ?? '';

  return {
    cloud,
    azurite,
    size,
    random: chance(seed),
    pidOf: (instance) => instances[instance]?.pid ?? 0,
    journal: file,
    output: () => output,
    urlOf,
    callbackUri: () => cloud.callbackUris(PUBLIC)(),
    at: (uri, instance) => uri.replace(PUBLIC, urlOf(instance)),
    async crash(instance) {
      await instances[instance]?.kill();
      instances[instance] = await start(Number(new URL(urlOf(instance)).port));
    },
    async begun() {
      const times = new Map<string, number[]>();
      for (const line of (await readFile(file, 'utf8')).split('\n')) {
        const [what, id = '', at] = line.split(' ');
        if (what === 'began') times.set(id, [...(times.get(id) ?? []), Number(at)]);
      }
      return times;
    },
    async close() {
      await Promise.all(instances.map((instance) => instance.stop()));
      await Promise.all([cloud.close(), azurite.close()]);
    },
  };
}
