import { randomBytes } from 'node:crypto';
import { calls } from '../handlers/calls.ts';
import { callbackForgeries } from '../local/providers/call-automation/forgeries/index.ts';
import type { CallForgery } from '../local/providers/call-automation/forgeries/call-forgery.ts';
import { genuineCall } from '../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../local/http/request.ts';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { secretVersion } from '../shared/secrets/versions.ts';
import { progress, publish } from './harness/report.ts';
import { cpuOfEach, spreadOf } from './harness/statistics.ts';
import { genuineRequests } from './http/requests.ts';
import type { GenuineRequest } from './http/requests.ts';
import { CALLBACKS, ringward } from './ringward.ts';

// CPU to refuse each kind of forgery, beside that of a genuine request.
//
//     npm run bench -- forgeries
const ROUNDS = 15;
const GENUINE_PER_ROUND = 300;
const FORGERIES_PER_ROUND = 20;
/** These refusals come after a signature was computed. */
const AFTER_SIGNATURE: ReadonlySet<string> = new Set(['token-signature', 'token-reused']);

const acs = await startAcs();
const secret = randomBytes(32).toString('base64url');
const { receive, warm } = ringward(
  CALLBACKS,
  {
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: secret,
    SOURCE_ADDRESS_RANGES: '127.0.0.0/8',
  },
  { handlers: { calls } },
);
await warm();

const asSent = ({ target, token, body }: GenuineRequest): OutgoingRequest => ({
  url: `https://app.example${target}`,
  headers: [
    ['authorization', `Bearer ${token}`],
    ['content-type', 'application/json'],
  ],
  body,
});
progress('signing the tokens');
const requests = genuineRequests(acs, secret, (ROUNDS + 1) * GENUINE_PER_ROUND).map(asSent);

/** As the platform passes it on. */
function received({ url, headers, body }: OutgoingRequest): Request {
  const all = new Headers([
    ...headers.map(([name, value]): [string, string] => [name, value]),
    ['x-forwarded-for', '127.0.0.1:1'],
  ]);
  all.set('content-length', String(Buffer.byteLength(body)));
  return new Request(url, { method: 'POST', headers: all, body: Buffer.from(body) });
}

/** CPU in microseconds a request. */
async function cpuOf(some: readonly Request[], expected: number): Promise<number> {
  const before = process.cpuUsage();
  for (const request of some) {
    const { status } = await receive(request);
    if (status !== expected) throw new Error(`answered ${status}, not ${expected}`);
  }
  return cpuOfEach(some.length, before);
}

const callbackSecret = secretVersion('dev', Buffer.from(secret));
const start = genuineCall({ acs, callbackSecret }, requests[0] as OutgoingRequest);
/** Forgeries of a family, those that are refused after the signature apart. */
const groups = new Map<string, { forgery: CallForgery; request: OutgoingRequest; cpus: number[] }[]>();
for (const [family, forgeries] of Object.entries(callbackForgeries)) {
  for (const forgery of forgeries) {
    // Unknown key ids are in issuer-requests.ts; the others need a genuine request before them.
    if (forgery.alternatively || forgery.afterGenuine) continue;
    const name = AFTER_SIGNATURE.has(forgery.expected.reason) ? `${family}, signature computed` : family;
    const group = groups.get(name) ?? [];
    groups.set(name, [...group, { forgery, request: forgery.forge(start), cpus: [] }]);
  }
}
const kinds = [...groups.values()].flat();

const genuineCpus: number[] = [];
for (let round = 0; round <= ROUNDS; round++) {
  if (round % 5 === 0) progress(`round ${round} of ${ROUNDS}`);
  const from = round * GENUINE_PER_ROUND;
  const cpu = await cpuOf(requests.slice(from, from + GENUINE_PER_ROUND).map(received), 200);
  if (round > 0) genuineCpus.push(cpu);
  for (const { forgery, request, cpus } of kinds) {
    const some = Array.from({ length: FORGERIES_PER_ROUND }, () => received(request));
    const spent = await cpuOf(some, forgery.expected.status);
    if (round > 0) cpus.push(spent);
  }
}

const genuineCpu = spreadOf(genuineCpus);
const rows = [...groups].map(([name, group]) => {
  const ratios = group.map(({ cpus }) => spreadOf(cpus).median / genuineCpu.median);
  const highest = Math.max(...ratios);
  return {
    name,
    count: group.length,
    cpu: spreadOf(group.flatMap(({ cpus }) => cpus)),
    most: group[ratios.indexOf(highest)]?.forgery.name ?? '',
    highest,
  };
});
await publish({
  title: 'The price of a forged request',
  about: `The pipeline of callbacks in process: CPU in microseconds a request, of ${kinds.length} forgeries (those of the played
call, without unknown key ids). ${FORGERIES_PER_ROUND} of each and ${GENUINE_PER_ROUND} genuine requests in turns, ${ROUNDS} rounds, one
request at a time; medians and quartiles. What the platform spends on every request is not included.`,
  tables: [
    {
      title: 'CPU by family',
      columns: ['family', 'forgeries', 'CPU µs', '/ genuine', 'most expensive', '/ genuine'],
      rows: [
        ['**genuine**', '', genuineCpu, 1, '', ''],
        ...rows.map(({ name, count, cpu, most, highest }) => [
          name,
          count,
          cpu,
          cpu.median / genuineCpu.median,
          most,
          highest,
        ]),
      ],
    },
  ],
  // The one forgery of the body costs what it takes to read a mebibyte.
  limits: rows
    .filter(({ name }) => !name.endsWith('signature computed') && name !== 'The body')
    .map(({ name, cpu }) => ({
      what: `${name}: CPU of a genuine request's`,
      value: cpu.median / genuineCpu.median,
      atMost: 0.25,
    })),
});
await acs.close();
process.exit();
