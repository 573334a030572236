import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../../local/app-process.ts';
import type { AppProcess } from '../../local/app-process.ts';
import { freePort } from '../../local/http/loopback.ts';
import { stageWithTestHandlers } from './staged.ts';
import { bareEnvironment } from '../support/command.ts';

// As deployed, with what keeps the app from starting. A module that throws would leave every route at 404.
const environment = {
  ...bareEnvironment(),
  AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
  ACS_RESOURCE_ID: 'no GUID',
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  HANDLER_TIMEOUT_SECONDS: 'soon',
};
let app: AppProcess;
const output: string[] = [];

async function start(folder: string, onOutput: (line: string) => void): Promise<AppProcess> {
  const port = await freePort();
  return startApp({ app: folder, port, environment, expectedRoutes: [], onLog: () => {}, onOutput });
}

beforeAll(async () => {
  app = await start(await stageWithTestHandlers(), (line) => output.push(line));
});
afterAll(() => app.stop());

test.each([
  ['POST', '/api/callbacks/call-automation', 503],
  ['GET', '/api/authorize?for=callback', 503],
  ['POST', '/api/events/incoming-call', 504],
  ['OPTIONS', '/api/events/incoming-call', 504],
  ['GET', '/api/health', 503],
])('%s %s is %i, so that the sender retries', async (method, path, status) => {
  const response = await fetch(`${app.url}${path}`, { method });
  expect(response.status).toBe(status);
  expect(await response.text()).not.toMatch(/GUID|SECONDS/);
});

test('a sender without settings has no route', async () => {
  const response = await fetch(`${app.url}/api/callbacks/vonage/archive`, { method: 'POST' });
  expect(response.status).toBe(404);
});

test('one log entry names every fault', () => {
  const [entry, ...others] = output.filter((line) => line.includes('settings-faulty'));
  expect(others).toEqual([]);
  const { level, why } = JSON.parse(entry ?? '{}') as { level: string; why: string };
  expect(level).toBe('error');
  for (const name of ['ACS_RESOURCE_ID', 'HANDLER_TIMEOUT_SECONDS', 'CALLBACK_KEY_SECRET', 'KEY_VAULT_URL']) {
    expect(why).toContain(name);
  }
});

test('handlers that throw while they are loaded leave every route, each of which answers 500, and the log says why', async () => {
  const folder = await stageWithTestHandlers();
  await appendFile(path.join(folder, 'app.cjs'), '\nthrow new Error("no such number")');
  let written = '';
  const throwing = await start(folder, (line) => (written += `${line}\n`));
  try {
    for (const route of ['callbacks/call-automation', 'events/incoming-call']) {
      expect(await fetch(`${throwing.url}/api/${route}`, { method: 'POST' })).toMatchObject({ status: 500 });
    }
    expect(await fetch(`${throwing.url}/api/health`)).toMatchObject({ status: 500 });
    expect(written).toMatch(/^\{"ringward":"app-not-loaded","level":"error","why":"Error: no such number/m);
  } finally {
    await throwing.stop();
  }
});
