import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { expectedRoutes, startApp, untilHealthy } from '../../local/app-process.ts';
import { startMedia } from '../../local/media-process.ts';
import { freePort } from '../../local/http/loopback.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { isRight } from '../../tools/conformance/report.ts';
import { runConformance } from '../../tools/conformance/run.ts';
import { bareEnvironment } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { stageMediaWithTestHandlers, stageWithTestHandlers } from './staged.ts';

// `npm run conformance` against Ringward itself, staged: every genuine form is accepted, every forgery refused.
let app: string;
beforeAll(async () => {
  // Without handlers every verified event is answered 200.
  app = await stageWithTestHandlers(await temporaryFolder());
});

type Settings = Readonly<Record<string, string>>;

/** What each sender's settings are called here. */
const ringward: Readonly<Record<string, (settings: Settings) => Environment>> = {
  acs: (given) => ({
    ACS_RESOURCE_ID: given['AUDIENCE'],
    ACS_ISSUER: given['ISSUER'],
    ACS_OPENID_CONFIGURATION_URL: given['OPENID_CONFIGURATION_URL'],
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: given['CALLBACK_KEY_SECRET'],
    TOKEN_REUSE: 'enforce',
  }),
  eventGrid(given) {
    const { origin, pathname } = new URL(given['EVENT_GRID_OPENID_CONFIGURATION_URL'] ?? '');
    return {
      EVENT_GRID_AUTHORITY: origin,
      EVENT_GRID_TENANT_ID: pathname.split('/')[1],
      EVENT_GRID_AUDIENCE: given['EVENT_GRID_AUDIENCE'],
      EVENT_GRID_SUBSCRIPTIONS: given['EVENT_GRID_SUBSCRIPTION'],
      EVENT_GRID_TOPICS: given['EVENT_GRID_TOPIC'],
      EVENT_GRID_KEY_SECRET: 'key',
      SECRET_KEY: given['EVENT_GRID_KEY'],
      EVENT_GRID_ROLE: 'enforce',
    };
  },
  vonage: (given) => ({ VONAGE_PROJECTS: projectOf(given), ...vonageSecret(given, '') }),
  account: (given) => ({ VONAGE_ACCOUNTS: projectOf(given), ...vonageSecret(given, '_ACCOUNT') }),
  livekit: (given) => ({
    LIVEKIT_KEYS: given['LIVEKIT_API_KEY'],
    [`SECRET_LIVEKIT_${given['LIVEKIT_API_KEY']?.toUpperCase()}`]: given['LIVEKIT_API_SECRET'],
  }),
  twilio: (given) => ({
    TWILIO_ACCOUNTS: given['TWILIO_ACCOUNT_SID'],
    [`SECRET_TWILIO_${given['TWILIO_ACCOUNT_SID']?.toUpperCase()}`]: given['TWILIO_AUTH_TOKEN'],
  }),
};
const projectOf = (given: Settings) => `${given['VONAGE_API_KEY']}:${given['VONAGE_APPLICATION_ID']}`;
const vonageSecret = (given: Settings, purpose: string): Environment => ({
  [`SECRET_VONAGE_${given['VONAGE_API_KEY']}${purpose}`]: given['VONAGE_SIGNATURE_SECRET'],
});

const development = (baseUrl: string, settings: Environment): Environment => ({
  ...bareEnvironment(),
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  CALLBACK_BASE_URL: baseUrl,
  ...settings,
});

const limits = { port: 0, timeoutMs: 60_000, patienceMs: 120_000 };

// At once: most of their time is a wait between two fetches of keys.
test.concurrent.each([
  { sender: 'call-automation', as: 'acs', has: ['callback-key'], route: 'callbacks/call-automation' },
  {
    sender: 'event-grid',
    as: 'eventGrid',
    has: ['shared-key', 'subscriptions', 'role'],
    route: 'events/incoming-call',
  },
  { sender: 'vonage', as: 'vonage', has: ['application'], route: 'callbacks/vonage/{kind}' },
  { sender: 'vonage-voice', as: 'account', has: ['application'], route: 'callbacks/vonage-voice/{kind}' },
  {
    sender: 'vonage-messages',
    as: 'account',
    has: ['application'],
    route: 'callbacks/vonage-messages/{kind}',
  },
  { sender: 'livekit', as: 'livekit', has: [], route: 'callbacks/livekit' },
  { sender: 'twilio', as: 'twilio', has: [], route: 'callbacks/twilio/{kind}' },
])('$sender is without a fault', async ({ sender, as, has, route }) => {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const report = await runConformance({
    ...limits,
    url: `${baseUrl}/api/${route}`,
    sender,
    has,
    async start(settings) {
      const environment = development(baseUrl, ringward[as]?.(settings) ?? {});
      const routes = expectedRoutes(environment);
      const started = await startApp({
        app,
        port,
        environment,
        expectedRoutes: routes,
        onLog() {},
        onOutput() {},
      });
      await untilHealthy(baseUrl);
      return started.stop;
    },
  });
  expect(report.families.flatMap(({ cases }) => cases).filter((one) => !isRight(one))).toEqual([]);
  expect(report.counts.right).toBeGreaterThan(60);
});

test.concurrent('the media host is without a fault', async () => {
  const entry = path.join(await stageMediaWithTestHandlers(), 'main.cjs');
  const port = await freePort();
  const report = await runConformance({
    ...limits,
    url: `ws://127.0.0.1:${port}/media`,
    sender: 'media',
    has: ['callback-key'],
    async start(settings) {
      const environment = development(`http://127.0.0.1:${port}`, ringward['acs']?.(settings) ?? {});
      const media = await startMedia({ entry, port, environment, onLine() {} });
      await untilHealthy(`http://127.0.0.1:${port}`, '/health');
      return async () => void (await media.stop());
    },
  });
  expect(report.families.flatMap(({ cases }) => cases).filter((one) => !isRight(one))).toEqual([]);
});
