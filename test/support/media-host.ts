import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import type { Acs } from '../../local/providers/call-automation/acs.ts';
import { rs256 } from '../../local/fakes/token.ts';
import { upgradeOptions } from '../../media/authorize-upgrade.ts';
import type { UpgradeOptions } from '../../media/authorize-upgrade.ts';
import { hostLimits, startMediaHost } from '../../media/host.ts';
import type { HostLimits } from '../../media/host.ts';
import { createApp, createSenders } from '../../shared/app.ts';
import { newReference } from '../../shared/calls/uris.ts';
import type { MediaHandler } from '../../shared/events/media.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import type { SecretVersions } from '../../shared/secrets/versions.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { invocationLog } from '../../shared/telemetry/delivery-log.ts';
import { everything } from '../../shared/telemetry/log-volume.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';
import type { Purpose } from '../../shared/verification/callback-key.ts';
import { keyFetcher } from '../../shared/verification/discovery.ts';
import { keySet } from '../../shared/verification/key-set.ts';
import { manualClock } from '../clock.ts';
import { rawConnection, upgradeText } from './upgrade.ts';
import type { Headers } from './upgrade.ts';
import { development } from './settings.ts';

export const DAY = 86_400;
const SECRET = 'the secret of the tests, of 32 bytes or more';

/** A delivery log entry, or a note. */
export type Line = Readonly<Record<string, unknown>>;

/** The media host on loopback with its default settings, the issuer of the fake ACS service and a manual clock. */
export async function mediaHost(
  options: {
    handler?: MediaHandler;
    settings?: Environment;
    limits?: Partial<HostLimits>;
    ledger?: Ledger;
    callbackSecret?: SecretVersions;
    acs?: Acs;
    change?: (upgrades: UpgradeOptions) => UpgradeOptions;
  } = {},
) {
  const { handler = async (session) => void (await drained(session)), change = (same) => same } = options;
  const acs = options.acs ?? (await startAcs());
  const clock = manualClock(Math.floor(Date.now() / 1000));
  const ledger = options.ledger ?? memoryLedger(clock);
  const settings = readSettings({
    ...development,
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: SECRET,
    ...options.settings,
  });
  const keys = keySet({
    name: 'the issuer of the tests',
    fetchKeys: keyFetcher(acs, clock, globalThis.fetch),
    maxStaleSeconds: DAY,
    clock,
    random: () => 0,
    note: () => {},
  });
  const app = createApp(settings, {}, clock);
  const { callbackSecret = app.platform.callbackSecret } = options;
  const senders = createSenders(settings, { ...app.platform, callbackSecret, keySet: () => keys });

  const lines: Line[] = [];
  const logged: string[] = [];
  const write = (message: string) => {
    if (message.startsWith('{"')) lines.push(JSON.parse(message));
    else logged.push(message);
  };
  const host = await startMediaHost({
    upgrades: change(upgradeOptions({ ...app, ledger, strictLedger: ledger, senders })),
    handler,
    limits: { ...hostLimits(settings), ...options.limits },
    dependencies: [...senders.flatMap(({ dependencies }) => Object.values(dependencies)), ledger],
    listenOn: { port: 0, address: '127.0.0.1' },
    log: invocationLog({ info: write, warn: write, error: write }, everything),
    note: (_level, event, fields) => void lines.push({ ringward: event, ...fields }),
  });
  onTestFinished(async () => {
    await host.stop(0);
    if (!options.acs) await acs.close();
  });

  function ticket(
    given: { purpose?: Purpose; expiresIn?: number; secret?: string; reference?: string } = {},
  ): string {
    const { purpose = 'media', expiresIn = 3600, secret = SECRET, reference = newReference() } = given;
    const expires = Math.floor(clock.now()) + expiresIn;
    return mintCallbackKey(secretVersion('dev', Buffer.from(secret)), purpose, { reference, expires });
  }
  /** A media token, or one with other claims. */
  const token = (claims: Record<string, unknown> = {}) =>
    rs256(acs.header(), { ...acs.claims(), ...life(DAY), ...claims }, acs.signingKey());
  const target = (given = ticket()) => `/media?ticket=${given}`;
  const bearer = (given = token()): Headers => [['authorization', `Bearer ${given}`]];
  const sockets: WebSocket[] = [];
  onTestFinished(() => sockets.forEach((ws) => ws.terminate()));

  return {
    ...host,
    acs,
    clock,
    ledger,
    keys,
    lines,
    logged,
    ticket,
    token,
    target,
    bearer,
    /** Sends an upgrade over a bare connection, and `behind` in the same packet. */
    raw(given: { target?: string; headers?: Headers; behind?: Uint8Array } = {}) {
      const raw = rawConnection(host.port);
      onTestFinished(() => void raw.socket.destroy());
      const text = upgradeText(given.target ?? target(), given.headers ?? bearer());
      raw.write(given.behind ? Buffer.concat([Buffer.from(text), given.behind]) : text);
      return raw;
    },
    connection() {
      const raw = rawConnection(host.port);
      onTestFinished(() => void raw.socket.destroy());
      return raw;
    },
    /** A genuine socket of a client library. It is not open yet. */
    socket(given: { target?: string; headers?: Record<string, string> } = {}) {
      const headers = { authorization: `Bearer ${token()}`, ...given.headers };
      const ws = new WebSocket(`ws://127.0.0.1:${host.port}${given.target ?? target()}`, { headers });
      ws.on('error', () => {});
      sockets.push(ws);
      return ws;
    },
    /** A genuine socket that is open. */
    async opened(given: Parameters<typeof this.socket>[0] = {}) {
      const ws = this.socket(given);
      await once(ws, 'open');
      return ws;
    },
    get: async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${host.port}${path}`);
      return { status: response.status, body: await response.text() };
    },
  };
}

export type TestHost = Awaited<ReturnType<typeof mediaHost>>;

export function life(seconds: number) {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now, nbf: now, exp: now + seconds };
}

/** Takes all frames. */
export async function drained(session: AsyncIterable<unknown>): Promise<number> {
  let frames = 0;
  for await (const _ of session) frames++;
  return frames;
}

/** Resolves with the close code of a socket. */
export async function closeCode(ws: WebSocket): Promise<number> {
  const [code] = (await once(ws, 'close')) as [number];
  return code;
}

/** Frames in the form of Call Automation. */
export const sent = {
  metadata: JSON.stringify({
    kind: 'AudioMetadata',
    audioMetadata: { subscriptionId: 's', encoding: 'PCM', sampleRate: 16000, channels: 1, length: 640 },
  }),
  audio: (pcm: Uint8Array, silent = false) =>
    JSON.stringify({
      kind: 'AudioData',
      audioData: {
        timestamp: '2024-11-15T19:16:12.925Z',
        participantRawID: '8:acs:example',
        data: Buffer.from(pcm).toString('base64'),
        silent,
      },
    }),
  tone: (data: string) => JSON.stringify({ kind: 'DtmfData', dtmfData: { data } }),
};
