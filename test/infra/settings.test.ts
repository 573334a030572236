import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { providers } from '../../shared/providers/index.ts';
import { settingsTable } from '../../shared/settings/settings.ts';
import type { SettingRow } from '../../shared/settings/table.ts';
import { infra } from './bicep.ts';

const root = join(infra, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** The first group of each match, in order. */
const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
/** The lines between one that begins so and the one that closes it. */
function block(path: string, beginning: string): string {
  const source = read(`infra/${path}`);
  const start = source.indexOf(`\n${beginning}`);
  expect(start, `${path}: ${beginning}`).toBeGreaterThan(0);
  return source.slice(start, source.indexOf('\n}', start));
}
const outputs = namesIn(read('infra/main.bicep'), /^output (\w+) /gm);

const templates = [
  {
    file: 'main.parameters.json',
    name: 'main',
    program: 'app',
    path: 'modules/app.bicep',
    tuning: 'AppSettings',
  },
  {
    file: 'media.parameters.json',
    name: 'media',
    program: 'media',
    path: 'media.bicep',
    tuning: 'MediaSettings',
  },
] as const;
const known = (path: string) => namesIn(block(path, 'var known = {'), /^ {2}(\w+):/gm).toSorted();
const offered = (type: string) =>
  namesIn(block('settings.bicep', `type ${type} = {`), /^ {2}(\w+): string$/gm);
/** A deployment has no say in these. */
const byThePlatform = ['AZURE_FUNCTIONS_ENVIRONMENT', 'WEBSITE_HOSTNAME', 'IDENTITY_ENDPOINT'];
const table = Object.keys(settingsTable)
  .filter((name) => !byThePlatform.includes(name))
  .toSorted();

describe('the settings are one set', () => {
  test('in the templates of the app and of the media host, and in the table', () => {
    const set = templates.flatMap(({ path, tuning }) => [...known(path), ...offered(tuning)]);
    expect([...new Set(set)].toSorted()).toEqual(table);
  });

  test.each(templates)(
    '$path sets what the table leaves to the deployment, beside what the operator gave',
    ({ program, path, tuning }) => {
      const byTheDeployment = Object.entries<SettingRow>(settingsTable)
        .filter(([, { setBy }]) => setBy === 'deployment')
        .filter(([, { readBy = 'app' }]) => readBy === program || readBy === 'both')
        .map(([name]) => name);
      const replaced = known(path).filter((name) => offered(tuning).includes(name));
      expect(known(path)).toEqual([...byTheDeployment, ...replaced].toSorted());
    },
  );

  test('in docs/settings.md', () => {
    const rows = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    // Two senders can share a setting.
    expect([...new Set(rows)].toSorted()).toEqual(Object.keys(settingsTable).toSorted());
  });
});

describe('what an operator gives to azd arrives', () => {
  type Parameters = { parameters: Record<string, { value: unknown }> };

  test.each(templates)('infra/$file gives what the template asks for', ({ file, name, tuning }) => {
    const { parameters } = JSON.parse(read(`infra/${file}`)) as Parameters;
    const source = read(`infra/${name}.bicep`);
    const declared = namesIn(source, /^param (\w+) /gm);
    const required = namesIn(source, /^param (\w+) [^=\n]+$/gm);
    expect(Object.keys(parameters).filter((given) => !declared.includes(given))).toEqual([]);
    expect(required.filter((one) => !parameters[one])).toEqual([]);
    expect(source).toContain(`\nparam tuning ${tuning}\n`);
    expect(Object.keys(parameters['tuning']!.value as object).toSorted()).toEqual(offered(tuning).toSorted());
  });

  test.each(templates)('infra/$file takes each setting from the variable of its name', ({ file, name }) => {
    const { parameters } = JSON.parse(read(`infra/${file}`)) as Parameters;
    // The app may stand behind a proxy that the media host does not stand behind.
    const elsewhere = name === 'media' ? { TRUSTED_PROXY_HOPS: '${MEDIA_TRUSTED_PROXY_HOPS}' } : {};
    const given = parameters['tuning']!.value as Record<string, string>;
    const expected = Object.fromEntries(Object.keys(given).map((one) => [one, `\${${one}}`]));
    expect(given).toEqual({ ...expected, ...elsewhere });
  });

  test('azd asks for nothing but the environment and the region: everything else has a default or a variable', () => {
    const required = namesIn(read('infra/main.bicep'), /^param (\w+) [^=\n]+$/gm);
    expect(required).toEqual(['environmentName', 'location', 'tuning']);
  });

  test('the media host gets nothing but what azd and the outputs of main.bicep know', () => {
    const { tuning: _, ...parameters } = (JSON.parse(read('infra/media.parameters.json')) as Parameters)
      .parameters;
    const variables = Object.values(parameters).map(({ value }) => /^\$\{(\w+)/.exec(String(value))![1]!);
    const ofAzd = ['AZURE_LOCATION', 'SERVICE_MEDIA_IMAGE_NAME'];
    const withDefault = [
      'MEDIA_MINIMUM_REPLICAS',
      'MEDIA_MAXIMUM_REPLICAS',
      'MEDIA_SOCKETS_PER_REPLICA',
      'HANDLER_SETTINGS',
      'HANDLER_SECRETS',
    ];
    expect(variables.filter((one) => ![...outputs, ...ofAzd, ...withDefault].includes(one))).toEqual([]);
  });

  test.each(templates)('$path sets every setting of the operator', ({ path, tuning }) => {
    expect(read(`infra/${path}`)).toContain(`\nparam tuning ${tuning}\n`);
    expect(read(`infra/${path}`)).toContain('\nvar settings = union(tuning, known)\n');
  });
});

test('docs/deploy.md explains every other variable of the templates, with the default that they have', () => {
  const rows = [...read('docs/deploy.md').matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|.*\| ([^|]*) \|$/gm)];
  const explained = rows.flatMap(([, names, defaults]) => {
    const values = defaults!.split(', ').map((one) => one.replaceAll('`', ''));
    return [...names!.matchAll(/`([A-Z_]+)`/g)].map(([, name], index) => [name!, values[index]!] as const);
  });
  const text = read('infra/main.parameters.json') + read('infra/media.parameters.json');
  const taken = [...text.matchAll(/\$\{([A-Z_]+)(?:=([^}]*))?\}/g)];
  const ofAzd = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'SERVICE_MEDIA_IMAGE_NAME'];
  const unsettled = taken.filter(
    ([, name]) => !Object.hasOwn(settingsTable, name!) && ![...outputs, ...ofAzd].includes(name!),
  );
  // Both templates take what handlers read.
  const variables = [...new Map(unsettled.map((match) => [match[1], match])).values()];

  expect(explained.map(([name]) => name).toSorted()).toEqual(variables.map(([, name]) => name).toSorted());
  for (const [, name, value] of variables) {
    if (value !== undefined)
      expect([name, explained.find(([one]) => one === name)?.[1]]).toEqual([name, value]);
  }
});

test('docs/deploy.md names the settings that both programs read', () => {
  const section = read('docs/deploy.md').split('### Settings that both read')[1]!.split('\n##')[0]!;
  const named = section.match(/^`[^]*?\.$/m)![0];
  const both = Object.entries<SettingRow>(settingsTable).filter(
    ([, row]) => row.readBy === 'both' && !row.setBy,
  );
  expect(namesIn(named, /`([A-Z_]+)`/g)).toEqual(both.map(([name]) => name));
});

test('the ranges of the access restrictions are those of the app itself', () => {
  const list = /^param allowedRanges string\[\] = \[\n([^\]]*)\]/m.exec(read('infra/main.bicep'))![1]!;
  const ranges = namesIn(list, /^ {2}'(.+)'$/gm);
  // Two senders of one vendor have the same.
  const published = new Set(providers.flatMap(({ publishedRanges = [] }) => publishedRanges));
  expect(ranges).toEqual([...published]);
});

test('the hooks that azure.yaml names are there, and the folder that it deploys is the staged one', () => {
  const yaml = read('azure.yaml');
  const hooks = [...yaml.matchAll(/^ +run: node tools\/run\.mjs (\S+)$/gm)].map(([, path]) => path!);
  expect(hooks).toHaveLength(4);
  for (const hook of hooks) expect(read(hook)).toContain('patiently');
  expect(yaml.match(/^ +run:/gm)).toHaveLength(hooks.length);
  expect(yaml).toMatch(/^ {4}dist: dist\/app$/m);
  expect(yaml).toMatch(/^ {4}remoteBuild: false$/m);
});
