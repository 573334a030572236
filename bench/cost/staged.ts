import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { untilHealthy } from '../../local/app-process.ts';
import { rehearsalEnvironment, startFakeCloud } from '../../local/fake-cloud.ts';
import { startAzurite } from '../../local/fakes/azurite.ts';
import type { HostMessage } from '../../local/host/report.ts';
import { freePort } from '../../local/http/loopback.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { callAutomation } from '../../local/providers/call-automation/index.ts';
import { callback, newCall } from '../../local/providers/call-automation/requests.ts';
import { stageApp } from '../../tools/build/stage.ts';
import { end, startOn } from '../harness/processes.ts';
import type { Cores } from '../harness/processes.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const host = path.join(root, 'local', 'host', 'main.ts');
const EVENTS_PER_CALL = 5;

/** The staged app with its ledger in a table of Azurite, and the fake services that send to it. */
export async function staged() {
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-cost-'));
  await stageApp(root, folder);
  const [cloud, azurite] = await Promise.all([startFakeCloud(), startAzurite()]);
  const table = await countingProxy(azurite.url);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...rehearsalEnvironment({}, cloud, url),
    LEDGER: 'table',
    LEDGER_TABLE_URL: table.url,
    LEDGER_OUTAGE: 'refuse',
  };

  return {
    /** Where the app listens, and its fakes. */
    target: { cloud, baseUrl: url, mediaUrl: '' },
    /** Requests to the table so far. */
    tableRequests: table.count,
    /** Starts the app, on one core if that is given. Resolves when it listens. */
    async start(settings: Readonly<Record<string, string>>, cores?: Cores) {
      const all = Object.entries({ ...environment, ...settings }).filter(([, value]) => value !== undefined);
      const args = ['--app', folder, '--port', String(port), '--no-settings'];
      const child = startOn(cores, host, args, Object.fromEntries(all) as Record<string, string>);
      const lines: string[] = [];
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      child.on('message', (message: HostMessage) => {
        if (message.type === 'ready') resolve();
        if (message.type === 'failed') reject(new Error(message.message));
        if (message.type === 'log' && message.category === 'user') lines.push(message.message);
      });
      await promise;
      return {
        pid: child.pid,
        /** What the invocations have logged. */
        lines,
        healthy: () => untilHealthy(url),
        stop: () => end(child),
      };
    },
    /** Genuine callbacks with one event each. The sample handlers do nothing with it. */
    async callbacks(count: number): Promise<readonly OutgoingRequest[]> {
      const { acs } = cloud.of(callAutomation);
      const uris = cloud.callbackUris(url);
      const requests: OutgoingRequest[] = [];
      for (let calls = 0; calls < count / EVENTS_PER_CALL; calls++) {
        const uri = await uris();
        const call = newCall();
        for (let sequenceNumber = 1; sequenceNumber <= EVENTS_PER_CALL; sequenceNumber++) {
          requests.push(
            callback(acs, uri, [call.event('ParticipantsUpdated', { participants: [], sequenceNumber })]),
          );
        }
      }
      return requests;
    },
    async close() {
      await cloud.close();
      table.close();
      await azurite.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Milliseconds of each request. */
export async function timed(one: OutgoingRequest): Promise<number> {
  const { status, milliseconds } = await post(one);
  if (status !== 200) throw new Error(`answered ${status}`);
  return milliseconds;
}

/** A proxy that counts the requests to a table service. */
async function countingProxy(to: string) {
  const { origin, pathname } = new URL(to);
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count++;
    const { method, headers, url = '' } = incoming;
    const forwarded = request(new URL(url, origin), { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded.on('error', () => outgoing.destroy()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    count: () => count,
    close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
