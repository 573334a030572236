import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { settingsTable } from '../../shared/settings.ts';
import { publishedRanges } from '../../shared/verification/source-address.ts';
import { reasonsPage, settingsPage } from '../../tools/reference.ts';

test('docs/settings.md is what the table of settings says', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../docs/settings.md');
});

test('docs/reasons.md is what the table of reasons says', async () => {
  await expect(reasonsPage()).toMatchFileSnapshot('../../docs/reasons.md');
});

test('local.settings.example.json offers every setting that is not set by the platform', async () => {
  const { Values: values } = JSON.parse(await readFile('local.settings.example.json', 'utf8'));
  const offered = Object.keys(values).filter((name) => !name.startsWith('SECRET_'));
  const bySomebodyElse = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage'];
  const byThePlatform = ['AZURE_FUNCTIONS_ENVIRONMENT', 'WEBSITE_HOSTNAME', 'IDENTITY_ENDPOINT'];
  expect(offered.filter((name) => !bySomebodyElse.includes(name)).sort()).toEqual(
    Object.keys(settingsTable)
      .filter((name) => !byThePlatform.includes(name))
      .sort(),
  );
});

test('docs/perimeter.md lists the published ranges of each sender, and no others', async () => {
  const page = await readFile('docs/perimeter.md', 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (Call Automation|Vonage)/.test(line));
  const listed = rows.map((row) => [...row.matchAll(/`([\d.:a-f]+\/\d+)`/g)].map(([, range]) => range));
  expect(listed).toEqual([publishedRanges['call-automation'], publishedRanges.vonage]);
});
