import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { providers } from '../../shared/providers/index.ts';
import type { Provider } from '../../shared/providers/provider.ts';
import { inspectSettings, settingsTable } from '../../shared/settings/settings.ts';
import type { SettingName } from '../../shared/settings/settings.ts';
import { exampleOf, secretSetting } from '../../shared/settings/table.ts';
import type { Environment, SettingRow } from '../../shared/settings/table.ts';
import { faultsOf } from '../support/settings.ts';
import {
  exampleForm,
  exampleSettings,
  reasonsPage,
  settingsPage,
  settingsTypes,
  withLogLevels,
  withSettings,
} from './reference.ts';

test('docs/settings.md is what the table of settings says', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../docs/settings.md');
});

test('docs/reasons.md is what the table of reasons says', async () => {
  await expect(reasonsPage()).toMatchFileSnapshot('../../docs/reasons.md');
});

test('local.settings.example.json is what the table of settings says', async () => {
  await expect(exampleSettings()).toMatchFileSnapshot('../../local.settings.example.json');
});

const exampleValues = async () => {
  const text = await readFile('local.settings.example.json', 'utf8');
  const { Values: values } = JSON.parse(text) as { Values: Record<string, string> };
  return { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...values };
};

test('an unchanged copy of local.settings.example.json does not start, and says what to fill in', async () => {
  const example = await exampleValues();
  expect(faultsOf(example)).toEqual([
    expect.stringMatching(/^No sender is enabled: set what enables yours\n/),
  ]);
});

test.each(
  (providers as unknown as readonly Provider[]).map((provider) => [provider.title, provider] as const),
)('with %s filled in alone, a copy of local.settings.example.json starts', async (_title, provider) => {
  const example: Environment = await exampleValues();
  const [enabling = ''] = provider.enabledBy;
  const filled: Record<string, string> = { [enabling]: exampleOf(settingsTable[enabling as SettingName]) };
  const { settings } = inspectSettings({ ...example, ...filled });
  for (const secret of provider.secrets?.(settings) ?? []) {
    if (secret.mayBeAbsent) continue;
    expect(Object.keys(example)).toContain(secretSetting(exampleForm(secret)));
    filled[secretSetting(secret.name)] = 'x'.repeat(32);
  }
  // Those that the example names for it, up to the line that enables the next sender.
  const names = Object.keys(example);
  const others = new Set(providers.flatMap(({ enabledBy }) => enabledBy as readonly string[]));
  for (const name of names.slice(names.indexOf(enabling) + 1)) {
    if (others.has(name)) break;
    const ofTable = settingsTable[name as SettingName] as SettingRow | undefined;
    filled[name] ??= ofTable ? exampleOf(ofTable) : 'x'.repeat(32);
  }
  expect(faultsOf({ ...example, ...filled })).toEqual([]);
});

test('infra/settings.bicep is what the table of settings says', async () => {
  await expect(settingsTypes()).toMatchFileSnapshot('../../infra/settings.bicep');
});

test.each([
  ['main', 'app'],
  ['media', 'media'],
] as const)('infra/%s.parameters.json gives the %s the settings of the table', async (name, program) => {
  const path = `infra/${name}.parameters.json`;
  await expect(withSettings(await readFile(path, 'utf8'), program)).toMatchFileSnapshot(`../../${path}`);
});

test('host.json has a log level for the entries of each function', async () => {
  await expect(withLogLevels(await readFile('host.json', 'utf8'))).toMatchFileSnapshot('../../host.json');
});

test('docs/perimeter.md lists the published ranges of each sender, and no others', async () => {
  const page = await readFile('docs/perimeter.md', 'utf8');
  const rows = page.split('\n').filter((line) => /^\|.*`[\d.:a-f]+\/\d+`/.test(line));
  const listed = rows.map((row) => [...row.matchAll(/`([\d.:a-f]+\/\d+)`/g)].map(([, range]) => range));
  // Senders of one company share their ranges.
  const published = new Map(
    providers.map(({ publishedRanges }) => [String(publishedRanges), publishedRanges]),
  );
  expect(listed).toEqual([...published.values()].filter(Boolean));
});
