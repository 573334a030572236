import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { providers } from '../../shared/providers/index.ts';
import {
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
