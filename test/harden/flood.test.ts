import { randomBytes } from 'node:crypto';
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, onTestFinished, test, vi } from 'vitest';
import { trigger } from '../../functions/trigger.ts';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import { callbackForgeries } from '../../local/providers/call-automation/forgeries/index.ts';
import { callback, genuineCall, newCall } from '../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { createApp } from '../../shared/app.ts';
import { callbackUris } from '../../shared/calls/uris.ts';
import { knownVersions, secretVersion } from '../../shared/secrets/versions.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { logVolume } from '../../shared/telemetry/log-volume.ts';
import { manualClock } from '../clock.ts';
import { counted, tried } from './extent.ts';

const SENT = counted({ test: 3000, short: 100_000, long: 1_000_000 });
/**
 * A body of a mebibyte takes long; `dev` is the id of a secret from settings; and what needs a genuine delivery before it is no
 * work of a stranger.
 */
const OTHERS = ['body-too-large', 'key-id-dev'];
/** Of our own, of one instance. */
const LINES_A_MINUTE = 200;

type Line = {
  readonly delivery: string;
  readonly reason: string;
  readonly status: number;
  readonly count?: number;
};

/** The deployed app, but for its senders, which are fakes, and what it logged. */
async function flooded() {
  const acs = await startAcs();
  const secret = randomBytes(32).toString('base64url');
  // Time stands still for forgers and app: what is too early or too late by a second stays so.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = manualClock(Date.now() / 1000);
  const minutes = manualClock();
  const settings = readSettings({
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    CALLBACK_BASE_URL: 'https://app.example',
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: secret,
  });
  const app = createApp(settings, {}, clock);
  // In Development every refusal has an entry.
  const volume = logVolume({ ...settings, AZURE_FUNCTIONS_ENVIRONMENT: 'Production' }, minutes);
  const sender = app.senders[0]!;
  const route = sender.provider.routes.find(({ name }) => name === 'call-automation')!;
  const handler = trigger({ ...app, logVolume: volume }, sender, route);
  for (const dependency of Object.values(sender.dependencies)) await dependency.warm();

  const lines: Line[] = [];
  const write = (line: unknown) => void lines.push(JSON.parse(String(line)));
  const context = { info: write, warn: write, error: write } as unknown as InvocationContext;
  const callbackSecret = secretVersion('dev', Buffer.from(secret));
  const uri = callbackUris({
    secret: knownVersions(() => [callbackSecret]),
    ttlSeconds: 3600,
    clock,
    baseUrl: 'https://app.example',
  });
  return {
    acs,
    minutes,
    flush: volume.flush,
    lines,
    write,
    genuine: async () => {
      const request = callback(acs, await uri(), [newCall().event('PlayCompleted')]);
      return genuineCall({ acs, callbackSecret }, request);
    },
    async send({ url, headers, body }: OutgoingRequest) {
      const request = new Request(url, {
        method: 'POST',
        headers: new Headers(headers.map(([...one]) => one)),
        body,
      });
      const { status } = (await handler(request as unknown as HttpRequest, context)) as { status: number };
      return status;
    },
  };
}

test('a flood of forgeries leaves few lines and exact numbers, from which the alerts tell what they would tell without it', async () => {
  const { acs, minutes, flush, lines, write, genuine, send } = await flooded();
  const consoles = (['warn', 'error'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(write),
  );
  const all = Object.values(callbackForgeries).flat();
  const forgeries = all.filter(({ name, afterGenuine }) => !afterGenuine && !OTHERS.includes(name));
  const requests = await Promise.all(forgeries.map(async ({ forge }) => forge(await genuine())));
  const sent = new Map<string, number>();
  const linesOf: number[] = [];

  for (let turn = 0; turn < SENT; turn++) {
    const status = await send(requests[turn % requests.length]!);
    expect([401, 503], forgeries[turn % requests.length]?.name).toContain(status);
    const { expected, alternatively } = forgeries[turn % requests.length]!;
    const { reason } = status === alternatively?.status ? alternatively : expected;
    sent.set(`${reason} ${status}`, (sent.get(`${reason} ${status}`) ?? 0) + 1);
    if (turn !== Math.floor(SENT / 2)) continue;
    // A genuine delivery in the middle of it has its own entry.
    expect(await send((await genuine()).request)).toBe(200);
    await minutes.advance(60_000);
    linesOf.push(lines.length);
  }
  // As at the end of the process.
  flush();
  linesOf.push(lines.length - linesOf[0]!);
  for (const spy of consoles) spy.mockRestore();
  await acs.close();

  const told = new Map<string, number>();
  for (const { reason, status, count = 1 } of lines.filter(
    ({ delivery, status }) => delivery && status !== 200,
  )) {
    told.set(`${reason} ${status}`, (told.get(`${reason} ${status}`) ?? 0) + count);
  }
  expect(told).toEqual(sent);
  expect(lines.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(Math.max(...linesOf)).toBeLessThanOrEqual(LINES_A_MINUTE);
  tried({ what: `forged requests, ${linesOf.join(' and ')} lines in two minutes`, times: SENT, found: [] });
});
