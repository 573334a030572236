import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectWith, testHandlers } from '../support/project.ts';
import { startProcess } from './start-process.ts';

const BUILT_WITH = ['local', 'tools', 'tsconfig.json', 'tsconfig.build.json', 'local.settings.example.json'];
const { greeting, menu, redirect, throws } = testHandlers;

// The handlers of a user may do anything, and a user has settings: Ringward's own commands work all the same.
describe.each([
  ['a menu', [greeting, menu], /✓ {3}RecognizeCompleted +accepted +handled/],
  ['redirect only', [greeting, redirect], /✓ {3}CallConnected +accepted +no-handler/],
  ['handlers that always throw', [throws], /✓ IncomingCall, delivered again +accepted +handler-threw +500/],
])('%s, and settings made from the example', (_name, handlers, played) => {
  test('npm run build stages the app, and npm start -- --once ends with 0', async () => {
    const project = await projectWith(handlers, BUILT_WITH);
    await copyFile(
      path.join(project, 'local.settings.example.json'),
      path.join(project, 'local.settings.json'),
    );
    const built = spawnSync(process.execPath, [path.join(project, 'tools', 'build.ts')], {
      encoding: 'utf8',
    });
    expect([built.status, built.stdout]).toEqual([0, expect.stringContaining('Staged in dist/media')]);

    const run = await startProcess(project, ['--once', '--verbose']);
    const code = await run.exited;
    expect(run.output()).toMatch(played);
    expect(run.output()).toMatch(/(\d+) of \1 as expected\.\n$/);
    expect(code).toBe(0);
  });
});
