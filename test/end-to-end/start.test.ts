import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startFakes } from '../support/fakes.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { callback } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { newFolder, stageWithTestHandlers } from './staged.ts';

// What `npm start` runs, as a process of its own.
const startFile = path.resolve(import.meta.dirname, '..', '..', 'local', 'start.ts');
const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** Starts it in an empty folder, so that nothing is found by accident. */
async function start(args: readonly string[], environment: Environment = process.env) {
  const child = spawn(process.execPath, [startFile, '--port', '0', ...args], {
    env: environment,
    cwd: await newFolder(),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  ending.push(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return {
    exited,
    output: () => output,
    press: (key: string) => void child.stdin.write(key),
    printed: async (pattern: RegExp) => {
      await expect.poll(() => output, { timeout: 40_000 }).toMatch(pattern);
      return pattern.exec(output)?.[1] ?? '';
    },
  };
}

const bareEnvironment = () => {
  const { PATH } = process.env;
  return { PATH };
};

describe('npm start -- --once', () => {
  test('plays a call and its forgeries, and ends with 0 when every verdict was as expected', async () => {
    const run = await start(['--once']);
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
  }, 40_000);
});

test('npm start stays up, and plays a call again with each press of Enter', async () => {
  const run = await start(['--app', await stageWithTestHandlers()]);
  await run.printed(/It stays up.* Enter plays a call again\./);
  run.press('\n');
  await run.printed(/stays up[^]*A call comes in[^]*✓ IncomingCall, delivered again/);
  run.press('\n');
  await run.printed(/stays up(?:[^]*A call comes in[^]*✓ IncomingCall, delivered again){2}/);
}, 60_000);

test('npm start -- --once plays to handlers that do other things than the sample as well', async () => {
  const run = await start(['--once', '--app', await stageWithTestHandlers()]);
  expect(await run.exited).toBe(0);
  expect(run.output()).toContain('your handlers leave the call running: the other side hangs up');
}, 60_000);

describe('npm start -- --bare', () => {
  test.each(['sources', 'staged'])('serves the %s with the settings of the environment', async (what) => {
    const cloud = await startFakes();
    ending.push(cloud.close);
    const app = what === 'staged' ? ['--app', await stageWithTestHandlers()] : [];
    const run = await start(
      ['--bare', ...app],
      rehearsalEnvironment(bareEnvironment(), cloud, 'http://127.0.0.1'),
    );
    const baseUrl = await run.printed(/Listening on (http:\/\/127\.0\.0\.1:\d+)/);
    expect(run.output()).toContain('POST /api/callbacks/call-automation');

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
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('ACS_RESOURCE_ID cannot be used: its 2nd element is empty');
    expect(run.output()).toContain('HANDLER_TIMEOUT_SECONDS must be a whole number');
    expect(run.output()).toContain('CALLBACK_KEY_SECRET names a secret, but there is no vault');
  });

  test('does not start without a provider, instead of serving nothing', async () => {
    const run = await start(['--bare', '--app', await stageWithTestHandlers()], bareEnvironment());
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('ACS_RESOURCE_ID is missing');
  });
});

test('an option that does not exist is refused with the usage', async () => {
  const run = await start(['--twice']);
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/^There is no option --twice: there are --port, --once/);
});

test('--help prints the options, and that is all', async () => {
  const run = await start(['--help']);
  expect(await run.exited).toBe(0);
  expect(run.output()).toMatch(/^npm start -- \[options\]\n {2}--port/);
  expect(run.output()).not.toContain('listens');
});
