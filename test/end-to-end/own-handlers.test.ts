import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectWith, testHandlers } from '../support/project.ts';
import { startProcess } from './start-process.ts';

const BUILT_WITH = ['local', 'tools', 'tsconfig.json', 'tsconfig.build.json', 'local.settings.example.json'];
const { greeting, menu, redirect, refused, throws } = testHandlers;

// The handlers of a user may do anything, and a user has settings: Ringward's own commands work all the same.
describe.each<[string, readonly string[], RegExp, string?]>([
  ['a menu', [greeting, menu], /✓ {3}RecognizeCompleted +accepted +handled/],
  ['redirect only', [greeting, redirect], /✓ {3}CallConnected +accepted +no-handler/],
  [
    'handlers that always throw',
    [throws],
    /✓ IncomingCall, delivered again +accepted +handler-threw +500 .*\n +threw Error: this handler always throws\n +at handlers\/calls\.ts:4 fail\n/,
  ],
  [
    'an action that the service refuses, in the staged app',
    [greeting, refused],
    /threw RestError 8522 404 in call\.hangUp\n +at handlers\/calls\.ts:9 /,
    'dist/app',
  ],
])('%s, and settings made from the example', (_name, handlers, played, app) => {
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

    const run = await startProcess(project, [
      '--once',
      '--verbose',
      ...(app ? ['--app', path.join(project, app)] : []),
    ]);
    const code = await run.exited;
    expect(run.output()).toMatch(played);
    expect(run.output()).toMatch(/(\d+) of \1 as expected\.\n$/);
    expect(code).toBe(0);
  });
});
