import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startApp, untilHealthy } from '../../local/app-process.ts';
import { startAzurite } from '../../local/fakes/azurite.ts';
import { startMedia } from '../../local/media-process.ts';
import { stageApp, stageMedia } from '../../tools/build/stage.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

type Settings = Readonly<Record<string, string>>;

/** How Ringward receives a sender of `npm run conformance`. */
type Deployment = {
  /** What Ringward checks besides. */
  readonly has: readonly string[];
  readonly path: string;
  /** Its own names for the settings of the sender. */
  readonly settings: (sender: Settings) => Settings;
};

const calls = (sender: Settings): Settings => ({
  ACS_RESOURCE_ID: sender['AUDIENCE'] ?? '',
  ACS_ISSUER: sender['ISSUER'] ?? '',
  ACS_OPENID_CONFIGURATION_URL: sender['OPENID_CONFIGURATION_URL'] ?? '',
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: sender['CALLBACK_KEY_SECRET'] ?? '',
  // As `npm start` sets it: by default a token that is used again is only reported.
  TOKEN_REUSE: 'enforce',
});

export const deployments: Readonly<Record<string, Deployment>> = {
  'call-automation': { has: ['callback-key'], path: '/api/callbacks/call-automation', settings: calls },
  media: { has: ['callback-key'], path: '/media', settings: calls },
  'event-grid': {
    has: ['shared-key', 'subscriptions'],
    path: '/api/events/incoming-call',
    settings: (sender) => {
      const { origin, pathname } = new URL(sender['EVENT_GRID_OPENID_CONFIGURATION_URL'] ?? '');
      return {
        EVENT_GRID_AUTHORITY: origin,
        EVENT_GRID_TENANT_ID: pathname.split('/')[1] ?? '',
        EVENT_GRID_AUDIENCE: sender['EVENT_GRID_AUDIENCE'] ?? '',
        EVENT_GRID_KEY_SECRET: 'event-grid-key',
        SECRET_EVENT_GRID_KEY: sender['EVENT_GRID_KEY'] ?? '',
        EVENT_GRID_SUBSCRIPTIONS: sender['EVENT_GRID_SUBSCRIPTION'] ?? '',
        EVENT_GRID_TOPICS: sender['EVENT_GRID_TOPIC'] ?? '',
      };
    },
  },
  vonage: {
    has: ['application'],
    path: '/api/callbacks/vonage/{kind}',
    settings: (sender) => ({
      VONAGE_PROJECTS: `${sender['VONAGE_API_KEY']}:${sender['VONAGE_APPLICATION_ID']}`,
      [`SECRET_VONAGE_${sender['VONAGE_API_KEY']}`]: sender['VONAGE_SIGNATURE_SECRET'] ?? '',
    }),
  },
  livekit: {
    has: [],
    path: '/api/callbacks/livekit',
    settings: (sender) => ({
      LIVEKIT_KEYS: sender['LIVEKIT_API_KEY'] ?? '',
      [`SECRET_LIVEKIT_${sender['LIVEKIT_API_KEY']?.toUpperCase()}`]: sender['LIVEKIT_API_SECRET'] ?? '',
    }),
  },
  twilio: {
    has: [],
    path: '/api/callbacks/twilio/{kind}',
    settings: (sender) => ({
      TWILIO_ACCOUNTS: sender['TWILIO_ACCOUNT_SID'] ?? '',
      [`SECRET_TWILIO_${sender['TWILIO_ACCOUNT_SID']?.toUpperCase()}`]: sender['TWILIO_AUTH_TOKEN'] ?? '',
    }),
  },
};

/**
 * Ringward as it is deployed: the staged app and the staged media host, with the ledger in a table. In Development, because the
 * issuers of `npm run conformance` speak http and its secrets are in no vault.
 */
export async function stageRingward() {
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-receivers-'));
  const project = path.join(folder, 'project');
  for (const part of ['functions', 'media', 'host.json', 'package.json']) {
    await cp(path.join(root, part), path.join(project, part), { recursive: true });
  }
  for (const linked of ['shared', 'node_modules']) {
    await symlink(path.join(root, linked), path.join(project, linked), 'junction');
  }
  // Handlers that do nothing, as those of the other receivers.
  await mkdir(path.join(project, 'handlers'));
  for (const file of await readdir(path.join(root, 'handlers'))) {
    const name = path.parse(file).name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const handler = name === 'media' ? 'async (session) => { for await (const _ of session); }' : '{}';
    await writeFile(path.join(project, 'handlers', file), `export const ${name} = ${handler};\n`);
  }
  const [app, media] = [path.join(folder, 'app'), path.join(folder, 'media')];
  await stageApp(project, app);
  await stageMedia(project, media);
  const azurite = await startAzurite();

  return {
    /** @param sender a name of `deployments` */
    async start(sender: string, port: number, settings: Settings): Promise<() => Promise<void>> {
      const { PATH, HOME } = process.env;
      const url = `http://127.0.0.1:${port}`;
      const environment = {
        PATH,
        HOME,
        AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
        LEDGER: 'table',
        LEDGER_TABLE_URL: azurite.url,
        LEDGER_OUTAGE: 'refuse',
        CALLBACK_BASE_URL: url,
        SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
        ...deployments[sender]?.settings(settings),
      };
      if (sender === 'media') {
        const entry = path.join(media, 'main.cjs');
        const own = {
          ...environment,
          MEDIA_STOP_GRACE_SECONDS: '0',
        };
        const { stop } = await startMedia({ entry, port, environment: own, onLine: () => {} });
        await untilHealthy(url, '/health');
        return async () => void (await stop());
      }
      const quiet = { onLog: () => {}, onOutput: () => {} };
      const { stop } = await startApp({ app, port, environment, expectedRoutes: [], ...quiet });
      await untilHealthy(url);
      return stop;
    },
    async close() {
      await azurite.close();
      await rm(folder, { recursive: true });
    },
  };
}
