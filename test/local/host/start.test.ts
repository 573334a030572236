import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fixture, startHost } from './child.ts';

/** A folder with no node_modules in it or above it. */
let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await build({
    entryPoints: [fixture('small.ts')],
    outfile: join(folder, 'bundle.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    logLevel: 'error',
  });
});

/** An app folder around the bundle, or around another entry. */
async function appFolder(
  name: string,
  files: Record<string, unknown>,
  main: string | null = '../bundle.cjs',
) {
  const path = join(folder, name);
  await mkdir(path);
  if (main !== null) files = { 'package.json': { main }, ...files };
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(path, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

const get = async (url: string) => {
  const answer = await fetch(url);
  return answer.status === 200 ? answer.json() : answer.status;
};

describe('it serves', () => {
  it('a CommonJS bundle from a folder with no node_modules near it', async () => {
    const host = await startHost(['--app', join(folder, 'bundle.cjs'), '--expect', 'GET /api/small']);
    expect(host.routes).toEqual([{ function: 'small', methods: ['GET'], path: '/api/small' }]);
    expect(await get(`${host.url}/api/small`)).toMatchObject({ environment: 'Development' });
    expect(await host.stop()).toBe(0);
  });

  it('an app folder with the prefix of its host.json and the values of its local.settings.json', async () => {
    const app = await appFolder('whole', {
      'host.json': '{ // the prefix\n "extensions": { "http": { "routePrefix": "hooks/v1", } } }',
      'local.settings.json':
        '\uFEFF{ "IsEncrypted": false, /* "x": 1, */ "Values": { "SMALL_VALUE": "// kept", "SMALL_TAKEN": "file", "SMALL_NUMBER": 7, } }',
    });
    const host = await startHost(['--app', app], { SMALL_TAKEN: 'environment' });
    expect(await get(`${host.url}/hooks/v1/small`)).toMatchObject({
      value: '// kept',
      taken: 'environment',
      number: '7',
    });
    expect(await get(`${host.url}/api/small`)).toBe(404);
    await host.stop();
  });

  it('the settings it is told to take, or none', async () => {
    const settings = (value: string) => ({
      Values: { SMALL_VALUE: value, AZURE_FUNCTIONS_ENVIRONMENT: 'Test' },
    });
    const app = await appFolder('told', {
      'local.settings.json': settings('own'),
      'other.json': settings('other'),
    });
    const [other, none] = await Promise.all([
      startHost(['--app', app, '--settings', join(app, 'other.json')]),
      startHost(['--app', app, '--no-settings']),
    ]);
    expect(await get(`${other.url}/api/small`)).toEqual({ environment: 'Test', value: 'other' });
    expect(await get(`${none.url}/api/small`)).toEqual({ environment: 'Development' });
    await Promise.all([other.stop(), none.stop()]);
  });

  it('an empty prefix, from the host.json one folder above an entry file', async () => {
    await writeFile(join(folder, 'host.json'), JSON.stringify({ extensions: { http: { routePrefix: '' } } }));
    const app = await appFolder('below', { 'entry.cjs': `require('../bundle.cjs')` });
    const host = await startHost(['--app', join(app, 'entry.cjs')]);
    await rm(join(folder, 'host.json'));
    expect(host.routes[0]?.path).toBe('/small');
    await host.stop();
  });

  it('with a warning when it listens beyond loopback', async () => {
    const host = await startHost(['--app', join(folder, 'bundle.cjs'), '--address', '0.0.0.0']);
    expect((await host.log(/whoever reaches this machine/)).level).toBe('warning');
    expect(await get(`${host.url}/api/small`)).toMatchObject({ environment: 'Development' });
    await host.stop();
  });
});

describe('it refuses to start, and says why', () => {
  const refusal = (args: string[], env?: Record<string, string>) =>
    startHost(args, env).then(
      async (host) => `served; exit ${await host.stop()}`,
      (error: Error) => error.message,
    );

  it.each<[string, string[], RegExp]>([
    ['nothing registered', ['--app', fixture('empty.ts')], /empty\.ts registered no HTTP function/],
    [
      'routes missing',
      [
        '--app',
        fixture('small.ts'),
        '--expect',
        'POST,GET /api/small',
        '--expect',
        'PUT /api/big',
        '--expect',
        'get /api/Small',
      ],
      /Not registered: POST \/api\/small, PUT \/api\/big\. Registered: GET \/api\/small\.$/,
    ],
    ["another's address", ['--app', fixture('small.ts'), '--address', '192.0.2.1'], /not an address/],
  ])('%s', async (_, args, message) => {
    const said = await refusal(args);
    expect(said).toMatch(message);
    expect(said).toMatch(/^exit 1: /);
  });

  it.each<[string, string, RegExp]>([
    ['a settings error', 'settings', /^exit 1: ACS_RESOURCE_ID is missing$/],
    ['an unforeseen error, with its stack', 'type', /^exit 1: TypeError: broken\n +at .*small/],
    [
      'an import of what only require() gets',
      'import',
      /^exit 1: Error .*Cannot find package '@azure\/functions-core'/,
    ],
    [
      'an app that streams',
      'stream',
      /^exit 1: The app turns HTTP streaming on, .* Take enableHttpStream out/,
    ],
    ['a hook that fails', 'hook', /^exit 1: Error: hook broke\n/],
    [
      'two functions of one name',
      'name',
      /^exit 1: A function with id "small" has already been registered\.$/,
    ],
    [
      'two functions on one route',
      'route',
      /^exit 1: The functions "again" and "small" both claim GET \/api\/small\.$/,
    ],
  ])('%s', async (_, fault, message) => {
    expect(await refusal(['--app', fixture('small.ts')], { SMALL_FAULT: fault })).toMatch(message);
  });

  it('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as { port: number }).port);
    expect(await refusal(['--app', fixture('small.ts'), '--port', port])).toMatch(
      new RegExp(`^exit 1: Port ${port} on 127\\.0\\.0\\.1 is taken\\. Choose another one with --port`),
    );
    taken.close();
  });
});
