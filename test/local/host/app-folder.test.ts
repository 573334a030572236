import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findApp, routePrefix } from '../../../local/host/app-folder.ts';
import { loadLocalSettings } from '../../../local/host/local-settings.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function write(file: string, content: unknown): Promise<string> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('an app', () => {
  it("is a folder with the entries that its package.json's main stands for", async () => {
    await write('package.json', { main: 'dist/*.cjs' });
    const entries = [await write('dist/a.cjs', ''), await write('dist/b.cjs', '')];
    expect(findApp(folder)).toEqual({ folder, entries });
  });

  it('is an entry file with the host.json beside it or one folder above', async () => {
    const entry = await write('functions/main.ts', '');
    expect(findApp(entry)).toEqual({ folder: join(folder, 'functions'), entries: [entry] });
    await write('host.json', {});
    expect(findApp(entry).folder).toBe(folder);
    await write('functions/host.json', {});
    expect(findApp(entry).folder).toBe(join(folder, 'functions'));
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['is not there', {}, 'main.cjs', /^There is no app at .*main\.cjs\. .*npm run build$/],
    ['has no package.json', {}, '.', /has no package\.json/],
    ['has no main', { 'package.json': {} }, '.', /names no "main"/],
    [
      'has not been built',
      { 'package.json': { main: 'dist/main.cjs' } },
      '.',
      /main\.cjs, .* is not there\. Run: npm run build$/,
    ],
    [
      'has a broken package.json',
      { 'package.json': '{' },
      '.',
      /^package\.json in .* is not a JSON object( \(line 1 column 2\))?\.$/,
    ],
  ])('that %s is refused', async (_, files, app, message) => {
    for (const [file, content] of Object.entries(files)) await write(file, content);
    expect(() => findApp(join(folder, app))).toThrow(message);
  });
});

describe('the route prefix', () => {
  it.each([
    ['{}', 'api'],
    ['{ "extensions": { "http": { "routePrefix": "" } } }', ''],
    ['{ // for v1\n "extensions": { "http": { /* "x": 1 */ "routePrefix": "/hooks//v1/", } } }', 'hooks//v1'],
  ])('of %s is %j', async (hostJson, prefix) => {
    await write('host.json', hostJson);
    expect(routePrefix(folder)).toBe(prefix);
  });

  it('is api without a host.json, and no guess with a broken one', async () => {
    expect(routePrefix(folder)).toBe('api');
    await write('host.json', '[]');
    expect(() => routePrefix(folder)).toThrow(/host\.json in .* is not a JSON object/);
  });
});

describe('local settings', () => {
  it('fill what the environment lacks', async () => {
    const text =
      '\uFEFF{ "IsEncrypted": false, "Values": { "URL": "https://x/*y*/", "TAKEN": "file", "N": 7, "YES": true, "NO": null, }, }';
    const env = { TAKEN: 'environment' };
    expect(loadLocalSettings(await write('local.settings.json', text), env)).toBe(true);
    expect(env).toEqual({ TAKEN: 'environment', URL: 'https://x/*y*/', N: '7', YES: 'true' });
  });

  it('need not be there', () => {
    expect(loadLocalSettings(join(folder, 'local.settings.json'), {})).toBe(false);
  });

  it.each<[string, unknown, RegExp]>([
    ['encrypted ones', { IsEncrypted: true }, /is encrypted\. Decrypt it first: func settings decrypt/],
    ['a value that is an object', { Values: { DEEP: { secret: 1 } } }, /^"DEEP" in .* is neither text/],
    ['Values that are a list', { Values: [] }, /"Values" in .* is no object/],
    [
      'broken JSON, without quoting it',
      '{ "Values": { "KEY": "s3cret" ',
      /^(?!.*s3cret).*is not a JSON object/,
    ],
  ])('refuse %s', async (_, content, message) => {
    const path = await write('local.settings.json', content);
    expect(() => loadLocalSettings(path, {})).toThrow(message);
  });
});
