import { once } from 'node:events';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { mediaForgeries as mediaTable } from '../../local/providers/call-automation/forgeries/media.ts';
import { startMedia } from '../../local/media-process.ts';
import type { MediaProcess } from '../../local/media-process.ts';
import { startFakes } from '../support/fakes.ts';
import type { Fakes } from '../support/fakes.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { genuineCall, upgrade } from '../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { askToUpgrade } from '../../local/http/sockets.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { healthy } from '../support/healthy.ts';
import { sent } from '../support/media-host.ts';
import { stageMediaWithTestHandlers } from './staged.ts';
import { bareEnvironment } from '../support/command.ts';

const mediaForgeries = Object.values(mediaTable).flat();

// The staged bundle of the media host as its container runs it, its secret in a vault, its issuer over TLS.
let cloud: Fakes;
let staged: string;
let media: MediaProcess;
const lines: string[] = [];

const environment = (settings: Environment = {}): Environment => ({
  ...rehearsalEnvironment(process.env, cloud, 'https://app.example'),
  AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
  LEDGER: 'memory',
  ...settings,
});
async function start(settings?: Environment): Promise<MediaProcess> {
  const host = await startMedia({
    entry: path.join(staged, 'main.cjs'),
    port: 0,
    environment: environment(settings),
    onLine: (line) => void lines.push(line),
  });
  await healthy(`http://${new URL(host.url).host}`, '/health');
  return host;
}

beforeAll(async () => {
  [cloud, staged] = await Promise.all([startFakes(), stageMediaWithTestHandlers()]);
  media = await start();
});
afterAll(async () => {
  await media.stop();
  await cloud.close();
});

async function opened({ url, headers }: OutgoingRequest) {
  const ws = new WebSocket(url, { headers: Object.fromEntries(headers) });
  const closed = once(ws, 'close').then(([code]) => code as number);
  await once(ws, 'open');
  return { ws, closed };
}
const open = async (url = media.url) => opened(await upgrade(cloud, url));
const logged = async (line: string) => {
  await expect.poll(() => lines).toContain(line);
};
const upgrades = () => lines.filter((line) => line.startsWith('{"delivery"'));

test('a genuine socket is let in, and hears what its handler sends', async () => {
  const { ws, closed } = await open();
  ws.send(sent.audio(Buffer.from([1, 2, 3])));
  const [answer] = (await once(ws, 'message')) as [Buffer];
  expect(JSON.parse(String(answer))).toMatchObject({ kind: 'AudioData', audioData: { data: 'AQID' } });
  ws.close(1000);
  expect(await closed).toBe(1000);
  await expect.poll(() => lines.at(-1)).toContain('media-socket-closed');
});

test.each(mediaForgeries)('$name is refused as $expected.reason', async ({ expected, forge }) => {
  const before = upgrades().length;
  const request = forge(genuineCall(cloud, await upgrade(cloud, media.url)));
  expect(await askToUpgrade(request)).toMatchObject({
    status: expected.status,
    body: '{"error":"unauthorized"}',
  });
  await expect.poll(upgrades).toHaveLength(before + 1);
  expect(JSON.parse(upgrades().at(-1) ?? '{}')).toMatchObject({ verdict: 'rejected', ...expected });
});

test.each(['throw', 'throw in a timer', 'reject unheard'])(
  'a handler that fails (%s) closes its socket with 1011 and no other, and the process lives',
  async (tone) => {
    const [one, other] = [await open(), await open()];
    one.ws.send(sent.tone(tone));
    expect(await one.closed).toBe(1011);
    other.ws.send(sent.tone(`after ${tone}`));
    await logged(`tone after ${tone}`);
    other.ws.close();
    await other.closed;
  },
);

test('no line of the log holds a ticket, a token or the secret', async () => {
  const request = await upgrade(cloud, media.url);
  const { ws, closed } = await opened(request);
  ws.send(sent.tone('throw'));
  await closed;
  await expect.poll(() => lines.at(-1)).toContain('media-socket-closed');
  const log = lines.join('\n');
  const token = request.headers[0]?.[1].slice(7) ?? '';
  const secrets = [...token.split('.'), new URL(request.url).search.split('.').at(-1) ?? 'missing'];
  expect([...secrets, String(cloud.callbackSecret.secret)].filter((one) => log.includes(one))).toEqual([]);
});

describe('SIGTERM', () => {
  test('closes what is open with 1001 after the grace period, and ends with 0', async () => {
    const host = await start({ MEDIA_STOP_GRACE_SECONDS: '1' });
    const { ws, closed } = await open(host.url);
    const stopped = host.stop();
    // It goes on meanwhile, and nobody else comes in.
    await expect.poll(async () => (await askToUpgrade(await upgrade(cloud, host.url))).status).toBe(503);
    ws.send(sent.tone('while it stops'));
    await logged('tone while it stops');
    expect(await closed).toBe(1001);
    expect(await stopped).toBe(0);
  });

  test('ends at once where nothing is open', async () => {
    const host = await start({ MEDIA_STOP_GRACE_SECONDS: '600' });
    expect(await host.stop()).toBe(0);
  });

  test('is not held up by a handler that never ends', async () => {
    const host = await start({ MEDIA_STOP_GRACE_SECONDS: '0' });
    const { ws, closed } = await open(host.url);
    ws.send(sent.tone('hang'));
    const stopped = host.stop();
    expect(await closed).toBe(1001);
    expect(await stopped).toBe(0);
  });
});

test('health is 200 once the keys are there, with no upgrade', async () => {
  const url = media.url.replace('ws:', 'http:').replace('/media', '/health');
  await expect.poll(async () => (await fetch(url)).status).toBe(200);
});

describe('it does not start', () => {
  const run = async (settings: Environment, args: readonly string[] = []) => {
    const child = spawn(process.execPath, [path.join(staged, 'main.cjs'), ...args], {
      env: { ...bareEnvironment(), ...settings },
    });
    let output = '';
    child.stderr.on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    return { code, output };
  };

  test('with faulty settings: one message says all of them', async () => {
    const { code, output } = await run({ PORT: 'eighty', MEDIA_MAX_SOCKETS: '0' });
    expect(code).toBe(1);
    expect(output).toContain('PORT must be a whole number');
    expect(output).toContain('MEDIA_MAX_SOCKETS must be a whole number');
    expect(output).not.toContain('    at ');
  });

  test('with an option, which it has none of', async () => {
    const { code, output } = await run(environment(), ['--nope']);
    expect([code, output]).toEqual([1, expect.stringMatching(/^Unknown option '--nope'/)]);
  });

  test('without an audience', async () => {
    const { code, output } = await run({
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      EVENT_GRID_KEY_SECRET: 'event-grid-key',
      SECRET_EVENT_GRID_KEY: 'x'.repeat(32),
    });
    expect([code, output]).toEqual([1, expect.stringContaining('ACS_RESOURCE_ID is missing')]);
  });

  test('on a port that is taken', async () => {
    const { code, output } = await run({
      ...environment(),
      PORT: new URL(media.url).port,
      AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    });
    expect([code, output]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
  });
});
