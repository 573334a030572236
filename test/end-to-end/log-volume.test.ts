import path from 'node:path';
import { expect, test } from 'vitest';
import { startApp } from '../../local/app-process.ts';

/** A deployed app whose services are not there: a request without a callback key is refused before it asks any. */
const environment = {
  PATH: process.env['PATH'],
  AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
  ACS_OPENID_CONFIGURATION_URL: 'https://127.0.0.1:9/configuration',
  CALLBACK_BASE_URL: 'https://app.example',
  CALLBACK_KEY_SECRET: 'callback-key',
  KEY_VAULT_URL: 'https://127.0.0.1:9',
  LEDGER: 'memory',
};

test('an app that ends writes how many refusals have no entry of their own', async () => {
  const logged: string[] = [];
  const output: string[] = [];
  const app = await startApp({
    app: path.resolve(import.meta.dirname, '..', '..', 'functions', 'main.ts'),
    port: 0,
    environment,
    expectedRoutes: [],
    onLog: ({ message }) => void logged.push(message),
    onOutput: (line) => void output.push(line),
  });
  for (let turn = 0; turn < 10; turn++) {
    await fetch(`${app.url}/api/callbacks/call-automation`, { method: 'POST', body: '[]' });
    await fetch(`${app.url}/api/health`);
  }
  await app.stop();

  const entries = [...logged, ...output]
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.filter(({ reason }) => reason === 'callback-key-missing')).toMatchObject([
    ...Array.from({ length: 3 }, () => ({
      delivery: 'call-automation',
      checks: { 'callback-key': expect.any(Number) },
    })),
    { delivery: 'call-automation', verdict: 'rejected', status: 401, level: 'warn', count: 7 },
  ]);
  // Anybody can ask for health as well.
  const unhealthy = entries.filter(({ ringward }) => ringward === 'unhealthy');
  expect(unhealthy).toHaveLength(4);
  expect(unhealthy.at(-1)).toMatchObject({ count: 7 });
});
