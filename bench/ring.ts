import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { startAzurite } from '../local/fakes/azurite.ts';
import { newCertificateAuthority } from '../local/fakes/certificates.ts';
import { listening } from '../local/fakes/listening.ts';
import { startManagedIdentity } from '../local/fakes/managed-identity.ts';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { newIncomingCall } from '../local/providers/call-automation/service/incoming-call.ts';
import { envelope } from '../local/providers/event-grid/envelope.ts';
import { openTable } from '../shared/ledger/azure-table.ts';
import { INCOMING_CALL } from '../shared/providers/event-grid/index.ts';
import { systemClock } from '../shared/clock.ts';
import { end, messageOf, startOn } from './harness/processes.ts';
import { progress, publish } from './harness/report.ts';
import { quantile } from './harness/statistics.ts';
import type { Logged } from './ring/app.ts';
import { bundled, stageRinging } from './ring/stage.ts';

// From the arrival of an IncomingCall to the arrival of the answer request at a fake of Azure Communication Services,
// beside a bare script.
//
//     npm run bench -- ring [--long]
//     node bench/ring.ts <calls> <cold starts> <dist/app of another version>
const [CALLS = 300, COLD_STARTS = 15] = process.argv.slice(2).map(Number);
const before = process.argv[4];
const WARM_UP = 300;
/** Twenty calls a second. */
const PERIOD_MS = 50;
const ROUTE = '/api/events/incoming-call';

const folder = await mkdtemp(path.join(tmpdir(), 'ringward-ring-'));
const authority = await newCertificateAuthority();
const identity = await startManagedIdentity();
const issuer = await startAcs();
const azurite = await startAzurite();
await (await openTable(azurite.url, 'azurite')).createTable();
await writeFile(path.join(folder, 'trusted.pem'), authority.certificate);

const now = () => performance.timeOrigin + performance.now();
/** Of each call that rings, by its context. */
const ringing = new Map<string, (arrived: { atMs: number; beganMs: number }) => void>();
const acs = await listening(
  createServer(await authority.issue(['127.0.0.1']), async (message, response) => {
    const atMs = now();
    const { incomingCallContext, operationContext } = JSON.parse(
      Buffer.concat(await message.toArray()).toString() || '{}',
    );
    const isAnswer = message.url?.startsWith('/calling/callConnections:answer');
    response.writeHead(isAnswer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAnswer ? { callConnectionId: incomingCallContext.slice(-40) } : {}));
    if (isAnswer) ringing.get(incomingCallContext)?.({ atMs, beganMs: Number(operationContext) });
  }),
);

const secret = randomBytes(32).toString('base64url');
const environment = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  // With the times of its stages.
  DELIVERY_LOG: 'full',
  ...identity.environment,
  NODE_EXTRA_CA_CERTS: path.join(folder, 'trusted.pem'),
  ACS_RESOURCE_ID: issuer.resourceId,
  ACS_ISSUER: issuer.issuer,
  ACS_OPENID_CONFIGURATION_URL: issuer.openIdConfigurationUrl,
  ACS_ENDPOINT: `https://127.0.0.1:${acs.port}`,
  CALLBACK_BASE_URL: 'https://calls.example.com',
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: secret,
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  SECRET_EVENT_GRID_KEY: secret,
};
const inTable = { LEDGER: 'table', LEDGER_TABLE_URL: azurite.url };

const [host, staged] = [await bundled(folder, 'app.ts'), await stageRinging(folder)];
type Contender = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly table: boolean;
};
const app = (name: string, dist: string, table: boolean) => ({ name, file: host, args: [dist], table });
const groups: (readonly Contender[])[] = [];
for (const table of [false, true]) {
  groups.push([
    app('Ringward', staged, table),
    { name: 'bare script', file: await bundled(folder, 'script.ts', table), args: [], table },
    app('bare function', await bundled(folder, 'function.ts', table), table),
    ...(before ? [app('Ringward before', before, table)] : []),
  ]);
}

/** When a call was sent, when the handler began, and when its answer was at the service. */
type Answered = { readonly sentMs: number; readonly beganMs: number; readonly atMs: number };

async function ring({ port }: { port: number }, agent: Agent): Promise<Answered> {
  const data = newIncomingCall();
  const { incomingCallContext } = data;
  const event = envelope('event-grid', '/subscriptions/s', { type: INCOMING_CALL, subject: '/caller', data });
  const body = JSON.stringify([event]);
  const arrival = Promise.withResolvers<{ atMs: number; beganMs: number }>();
  ringing.set(incomingCallContext, arrival.resolve);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'aeg-event-type': 'Notification',
    'x-ringward-key': secret,
  };
  const sentMs = now();
  const sending = request({ port, host: '127.0.0.1', path: ROUTE, method: 'POST', agent, headers });
  const [response] = (await once(sending.end(body), 'response')) as [IncomingMessage];
  await response.resume().toArray();
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`);
  const arrived = await arrival.promise;
  ringing.delete(incomingCallContext);
  return { sentMs, ...arrived };
}

/** Milliseconds of each stage of a ring, in their order. What the script does before it answers is one stage. */
function stagesOf({ sentMs, beganMs, atMs }: Answered, logged: readonly Logged[]) {
  const own = logged.find(({ handlersMs, answeredMs }) => handlersMs <= beganMs && beganMs <= answeredMs);
  const { receivedMs = beganMs, checkedMs = beganMs, handlersMs = beganMs } = own ?? {};
  return {
    'to the app': receivedMs - sentMs,
    'read, checks': checkedMs - receivedMs,
    parse: handlersMs - checkedMs,
    lease: beganMs - handlersMs,
    answerCall: atMs - beganMs,
    all: atMs - sentMs,
  };
}
type Ring = Readonly<Record<string, number>>;

async function start({ file, args, table }: Contender) {
  const startedMs = now();
  const child = startOn(undefined, file, args, { ...environment, ...(table && inTable) });
  const { port } = await messageOf<{ port: number }>(child);
  const listensMs = now() - startedMs;
  const logged: Logged[] = [];
  child.on('message', (entry: Logged) => logged.push(entry));
  return { child, port, listensMs, logged };
}

/** Twenty calls a second to each contender, in turns. */
async function warm(contenders: readonly Contender[]): Promise<readonly (readonly Ring[])[]> {
  const agent = new Agent({ keepAlive: true });
  const running = await Promise.all(contenders.map(start));
  for (let turn = 0; turn < WARM_UP; turn++) for (const one of running) await ring(one, agent);
  const rings = contenders.map((): Promise<Answered>[] => []);
  for (let call = 0; call < CALLS; call++) {
    for (const [index, one] of running.entries()) {
      rings[index]?.push(ring(one, agent));
      await systemClock.sleep(PERIOD_MS / contenders.length);
    }
  }
  const answered = await Promise.all(rings.map((all) => Promise.all(all)));
  for (const { child } of running) await end(child);
  agent.destroy();
  return answered.map((all, index) => all.map((one) => stagesOf(one, running[index]?.logged ?? [])));
}

/** The ring is the first request of a process, sent as soon as it listens. */
async function cold(contenders: readonly Contender[]): Promise<readonly (readonly Ring[])[]> {
  const rings = contenders.map((): Ring[] => []);
  for (let round = 0; round <= COLD_STARTS; round++) {
    for (const [index, contender] of contenders.entries()) {
      const process = await start(contender);
      const agent = new Agent();
      const answered = await ring(process, agent);
      await end(process.child);
      const { all, ...stages } = stagesOf(answered, process.logged);
      const { listensMs } = process;
      // The first round fills the file cache of the system.
      if (round > 0) rings[index]?.push({ 'process listens': listensMs, ...stages, all: listensMs + all });
    }
  }
  return rings;
}

const p50 = (rings: readonly Ring[] = [], stage = 'all', at = 0.5) =>
  quantile(
    rings.map((one) => one[stage] ?? 0).sort((one, other) => one - other),
    at,
  );
const tables = [];
const limits = [];
for (const contenders of groups) {
  const ledger = contenders[0]?.table ? 'ledger in a table' : 'ledger in memory';
  for (const [title, measure, atMost] of [
    ['warm', warm, 1.5],
    ['cold process', cold, 1.3],
  ] as const) {
    progress(`${title}, ${ledger}`);
    const measured = await measure(contenders);
    const stages = Object.keys(measured[0]?.[0] ?? {});
    tables.push({
      title: `${title}, ${ledger}: p50 in ms`,
      columns: ['', ...stages, 'p95', '/ bare script'],
      rows: contenders.map(({ name }, index) => [
        name,
        ...stages.map((stage) => p50(measured[index], stage)),
        p50(measured[index], 'all', 0.95),
        p50(measured[index]) / p50(measured[1]),
      ]),
    });
    limits.push({
      what: `ring to answer, ${title}, ${ledger}, of the bare script`,
      value: p50(measured[0]) / p50(measured[1]),
      atMost,
    });
  }
}
await publish({
  title: 'From ring to answer',
  about: `From sending an IncomingCall to the arrival of the answer request at a fake of Azure Communication Services over TLS. The app is
staged as it is deployed, behind the local host; its handler answers at once. It checks the shared key, acquires the leases of the
event and of the call, mints the callback URI and logs. The bare script is \`node:http\`, \`JSON.parse\` and the SDK's \`answerCall\` with a
managed identity; with a table it makes one \`createEntity\` of Azurite first. It verifies nothing, mints nothing, completes nothing, and
loads no other SDK; it is bundled as the app is. The bare function does the same through \`@azure/functions\` and the local host, which receive the
app's request too. Warm: ${CALLS} calls to each after ${WARM_UP}, twenty a second, in turns. Cold process: from the start of the process, whose
first request is the ring; ${COLD_STARTS} starts of each in turns. Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}.`,
  tables,
  limits,
});
await rm(folder, { recursive: true });
process.exit();
