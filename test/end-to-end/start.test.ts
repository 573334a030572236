import { describe, expect, test, onTestFinished, beforeAll } from 'vitest';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startFakes } from '../support/fakes.ts';
import { untilHealthy } from '../../local/app-process.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { callback, newCall } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { projectWith } from '../support/project.ts';
import { stageWithTestHandlers } from './staged.ts';
import { startProcess } from './start-process.ts';

let project: string;

beforeAll(async () => {
  project = await projectWith(undefined, ['local']);
});

const start = (args: readonly string[], environment?: Environment) =>
  startProcess(project, args, environment);

const bareEnvironment = () => {
  const { PATH } = process.env;
  return { PATH };
};

describe('npm start -- --once', () => {
  test('plays a call and its forgeries, and ends with 0 when every verdict was as expected', async () => {
    const run = await start(['--once', '--verbose']);
    expect(await run.exited).toBe(0);
    expect(run.output()).toMatch(/✓ {3}CallConnected +accepted +handled +200/);
    expect(run.output()).toMatch(/✓ the handshake of the subscription +accepted +200/);
    expect(run.output()).toMatch(/✓ IncomingCall +accepted +handled +200/);
    expect(run.output()).toMatch(/✓ {3}CallDisconnected +accepted +handled +200/);
    expect(run.output()).toMatch(/✓ IncomingCall, delivered again +accepted +handled-before +200/);
    expect(run.output()).toMatch(/✓ {3}WebSocket: media +accepted +52 frames, 50 came back +101/);
    expect(run.output()).toMatch(/✓ {3}WebSocket: transcription +accepted +3 frames, 0 came back +101/);
    expect(run.output()).toMatch(/✓ a second one under its ticket +accepted +ticket-in-use +503/);
    expect(run.output()).toMatch(/✓ media-token-doubled +rejected +token-not-bearer +401/);
    const [, asExpected, all] = /(\d+) of (\d+) as expected\./.exec(run.output()) ?? [];
    expect(Number(asExpected)).toBeGreaterThan(100);
    expect(asExpected).toBe(all);
  });

  test('shows the call in full, and the forgeries with one line a family', async () => {
    const run = await start(['--once']);
    expect(await run.exited).toBe(0);
    expect(run.output()).toMatch(/✓ {3}CallConnected +accepted +handled +200/);
    expect(run.output()).toMatch(/\n✓ The form of the token +(\d+) of \1 refused\n/);
    expect(run.output()).not.toMatch(/media-token-doubled|401/);
  });
});

test('npm start says that it is ready before it plays the forgeries, and plays a call with each press of Enter', async () => {
  const run = await start([]);
  await run.printed(/Ready: [^]*It stays up.* Enter plays a call again\./);
  expect(run.output()).not.toMatch(/refused/);
  await run.printed(/as expected\.\n/);
  run.press('\n');
  await run.printed(/stays up[^]*A call comes in[^]*✓ IncomingCall, delivered again/);
  run.press('\n');
  await run.printed(/stays up(?:[^]*A call comes in[^]*✓ IncomingCall, delivered again){2}/);
});

test('a call that is played while the app does not start fails and says so, and the next one plays', async () => {
  const run = await start([]);
  const url = await run.printed(/listens on (http:\/\/127\.0\.0\.1:\d+)/);
  await run.printed(/as expected\.\n/);
  const file = path.join(project, 'handlers', 'calls.ts');
  const kept = `${file}.kept`;
  await rename(file, kept);
  onTestFinished(() => rename(kept, file).catch(() => {}));
  await writeFile(file, 'export {};\n');
  await run.printed(/calls\.ts was saved, but the app does not start:\n[^]*handlers\/calls\.ts/);
  run.press('\n');
  await run.printed(/✗ IncomingCall +none +the app does not run +503/);
  await run.printed(/✗ IncomingCall, delivered again +none +the app does not run +503/);
  await rename(kept, file);
  await run.printed(/calls\.ts was saved: restarted/);
  expect(await untilHealthy(url)).toBe(true);
  run.press('\n');
  await run.printed(/was saved: restarted[^]*✓ IncomingCall, delivered again +accepted +handled-before/);
});

describe('npm start -- --bare', () => {
  test.each(['sources', 'staged'])('serves the %s with the settings of the environment', async (what) => {
    const cloud = await startFakes();
    onTestFinished(cloud.close);
    const app = what === 'staged' ? ['--app', await stageWithTestHandlers()] : [];
    const run = await start(
      ['--bare', ...app],
      rehearsalEnvironment(bareEnvironment(), cloud, 'http://127.0.0.1'),
    );
    const baseUrl = await run.printed(/Listening on (http:\/\/127\.0\.0\.1:\d+)/);
    await run.printed(/POST \/api\/callbacks\/call-automation/);
    expect(await untilHealthy(baseUrl)).toBe(true);

    const uri = await cloud.callbackUris(baseUrl)();
    const request = callback(cloud.acs, uri, [newCall().event('CallConnected')]);
    expect(await post(request)).toMatchObject({ status: 200 });
    expect(await post({ ...request, headers: [] })).toMatchObject({ status: 401 });
  });

  test('does not start with faulty settings, and says all that is wrong with them at once', async () => {
    // A folder of its own, where nobody's local.settings.json lies.
    const run = await start(['--bare', '--app', await stageWithTestHandlers()], {
      ...bareEnvironment(),
      ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555,,',
      CALLBACK_KEY_SECRET: 'callback-key',
      HANDLER_TIMEOUT_SECONDS: 'soon',
    });
    expect(await run.exited).toBe(64);
    expect(run.output()).toContain('ACS_RESOURCE_ID cannot be used: its 2nd element is empty');
    expect(run.output()).toContain('HANDLER_TIMEOUT_SECONDS must be a whole number');
    expect(run.output()).toContain('CALLBACK_KEY_SECRET names a secret, but there is no vault');
  });

  test('does not start without a provider, instead of serving nothing', async () => {
    const run = await start(['--bare', '--app', await stageWithTestHandlers()], bareEnvironment());
    expect(await run.exited).toBe(64);
    expect(run.output()).toMatch(/No sender is enabled: [^]*Vonage Video +VONAGE_PROJECTS/);
  });
});

test('an option that does not exist is refused with the usage', async () => {
  const run = await start(['--twice']);
  expect(await run.exited).toBe(64);
  expect(run.output()).toMatch(/^There is no option --twice\. There is --port, --once/);
});

test('--help prints the options, and that is all', async () => {
  const run = await start(['--help']);
  expect(await run.exited).toBe(0);
  expect(run.output()).toMatch(/^npm start -- \[options\]\n {2}--port/);
  expect(run.output()).not.toContain('listens');
});
