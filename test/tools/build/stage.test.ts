import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { callback } from '../../../local/providers/call-automation/requests.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import { callbackUris } from '../../../shared/calls/uris.ts';
import { systemClock } from '../../../shared/clock.ts';
import { providers } from '../../../shared/providers/index.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { stageApp } from '../../../tools/build/stage.ts';
import { stageWithTestHandlers, startAiling, startStaged } from '../../end-to-end/staged.ts';
import { projectWith } from '../../support/project.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SECRET = 'a secret of thirty-two bytes or more';
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await stageApp(await projectWith(), folder);
});

test('what is deployed is three bundles with their maps, host.json and a package.json without dependencies', async () => {
  expect((await readdir(folder)).sort()).toEqual([
    'app.cjs',
    'app.cjs.map',
    'azure-sdks.cjs',
    'azure-sdks.cjs.map',
    'host.json',
    'main.cjs',
    'main.cjs.map',
    'package.json',
  ]);
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  expect(Object.keys(manifest)).toEqual(['name', 'version', 'license', 'private', 'main']);
});

test.each([
  ['main.cjs', ['./app.cjs', '@azure/functions-core']],
  ['app.cjs', ['./azure-sdks.cjs']],
  ['azure-sdks.cjs', []],
])('%s needs nothing but Node and %j', async (bundle, expected) => {
  const code = await readFile(path.join(folder, bundle), 'utf8');
  const needed = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name = '']) => name);
  const others = new Set(needed.filter((name) => !isBuiltin(name)));
  expect([...others].sort()).toEqual(expected);
});

test('what the platform waits for is the registration: none of the code of senders or checks', async () => {
  const { sources } = JSON.parse(await readFile(path.join(folder, 'main.cjs.map'), 'utf8'));
  // Those of libraries lie in a folder src/.
  const own = sources.filter((source: string) => /\/(functions|shared)\/(?!src\/)[\w/-]+\.ts$/.test(source));
  expect(own.map((source: string) => path.basename(source)).sort()).toEqual([
    'async.ts',
    'main.ts',
    'registrations.ts',
  ]);
});

test('the maps lead to our sources, and hold none of them', async () => {
  const { sources, sourcesContent } = JSON.parse(await readFile(path.join(folder, 'app.cjs.map'), 'utf8'));
  expect(sources.some((source: string) => source.endsWith('functions/app.ts'))).toBe(true);
  expect(sourcesContent).toBeUndefined();
});

test('an app whose secrets are in its settings loads no SDK: callbacks are handled where there is none', async () => {
  const staged = await stageWithTestHandlers();
  await rm(path.join(staged, 'azure-sdks.cjs'));
  const withSecrets = providers.filter((provider) => provider.secrets).flatMap(({ enabledBy }) => enabledBy);
  const absent = ['KEY_VAULT_URL', 'ACS_ENDPOINT', 'EVENT_GRID_KEY_SECRET', ...withSecrets];
  const app = await startStaged(staged, {
    ...Object.fromEntries(absent.map((name) => [name, ''])),
    SECRET_CALLBACK_KEY: SECRET,
  });
  try {
    const secret = settingsSecret(SECRET);
    const uri = await callbackUris({ baseUrl: app.url, secret, ttlSeconds: 60, clock: systemClock })();
    for (let times = 0; times < 2; times++) {
      const request = callback(app.acs, uri, [newCall().event('CallConnected')]);
      expect(await app.post(request)).toMatchObject({ status: 200 });
    }
  } finally {
    await app.stop();
  }
});

test('an app whose secrets are in a vault needs the SDKs, and without them it is out, for genuine requests too', async () => {
  const staged = await stageWithTestHandlers();
  await rm(path.join(staged, 'azure-sdks.cjs'));
  const app = await startAiling(staged);
  try {
    const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
    expect(await app.post(request)).toMatchObject({ status: 503 });
  } finally {
    await app.stop();
  }
});

test('the SDKs load before the first fetch, whose deadline would pass while they block the thread', async () => {
  const staged = await stageWithTestHandlers();
  const order = path.join(await temporaryFolder(), 'order');
  const write = (what: string) =>
    `process.getBuiltinModule('fs').appendFileSync(${JSON.stringify(order)}, '${what} ');`;
  const sdks = path.join(staged, 'azure-sdks.cjs');
  await writeFile(sdks, `${write('sdks')}\n${await readFile(sdks, 'utf8')}`);
  const preload = `const own = fetch; globalThis.fetch = (...request) => { ${write('fetch')} return own(...request); };`;
  const app = await startStaged(staged, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
  });
  await app.stop();
  expect(await readFile(order, 'utf8')).toMatch(/^sdks fetch /);
});
