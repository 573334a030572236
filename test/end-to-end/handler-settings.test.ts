import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { projectWith, testHandlers } from '../support/project.ts';
import { startProcess } from './start-process.ts';

const REAL = 'https://real.example';

let project: string;

beforeAll(async () => {
  project = await projectWith([testHandlers.settings], ['local']);
  await writeFile(
    path.join(project, 'local.settings.json'),
    JSON.stringify({
      IsEncrypted: false,
      Values: {
        PARTNER_URL: 'https://partner.example',
        PARTNER_KEY: 'key-of-the-partner',
        FROM_BOTH: 'file',
        AzureWebJobsStorage: REAL,
        KEY_VAULT_URL: REAL,
        VONAGE_PROJECTS: '87654321',
        SECRET_MINE: 'mine',
      },
    }),
  );
});

test('rehearsed handlers see the settings of local.settings.json, and none of Ringward or Azure', async () => {
  const run = await startProcess(project, [], { PATH: process.env['PATH'], FROM_BOTH: 'environment' });
  const seen = await run.printed(/the app has (.*)/);
  expect(seen).toContain('PARTNER_URL=https://partner.example PARTNER_KEY=key-of-the-partner');
  expect(seen).toContain('FROM_BOTH=environment');
  expect(seen).not.toMatch(/VONAGE_PROJECTS=87654321|SECRET_MINE=mine|real\.example/);
  await run.printed(/the media host has PARTNER_URL=https:\/\/partner\.example/);
});
