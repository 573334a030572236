import { randomBytes } from 'node:crypto';
import { callAutomationCallbacks } from '../functions/call-automation.ts';
import { forgeryFamilies } from '../local/forgeries.ts';
import type { Forgery } from '../local/providers/forgery.ts';
import { genuine } from '../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../local/http/request.ts';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { assemble } from '../shared/assembly.ts';
import type { IncomingRequest } from '../shared/delivery/read-body.ts';
import { secretVersion } from '../shared/secrets/versions.ts';
import { readSettings } from '../shared/settings/settings.ts';
import { progress, publish } from './harness/report.ts';
import { spreadOf, told, toldSpread } from './harness/statistics.ts';
import type { Spread } from './harness/statistics.ts';
import { genuineRequests } from './http/genuine-requests.ts';
import { ringwardEnvironment } from './http/servers/environment.ts';
import { secretVersion } from '../shared/secrets/versions.ts';

// What it costs to refuse each kind of forgery, next to handling a genuine request.
//
//     npm run bench -- forgeries
const ROUNDS = 15;
const OF_A_ROUND = 300;
/** Refused for these reasons only after a signature was computed, or after the issuer was asked. */
const COMPUTED = new Set(['token-signature', 'token-reused', 'token-key-unknown']);

const acs = await startAcs();
const SECRET = randomBytes(32).toString('base64url');
const settings = readSettings({
  ...ringwardEnvironment(),
  ACS_RESOURCE_ID: acs.resourceId,
  ACS_ISSUER: acs.issuer,
  ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
  SECRET_CALLBACK_KEY: SECRET,
});
const assembly = assemble(settings);
await assembly.callAutomationKeys.warm();
const { handler } = callAutomationCallbacks(assembly, [acs.resourceId]);
// Of the platform's request and context these are what Ringward looks at.
const handle = handler as unknown as (
  request: IncomingRequest,
  context: object,
) => Promise<{ status: number }>;
const context = { info() {}, warn() {}, error() {} };

const base = 'https://app.example';
const callbackSecret = secretVersion('dev', Buffer.from(SECRET));
const asSent = (wire: { target: string; token: string; body: string }): OutgoingRequest => ({
  url: `${base}${wire.target}`,
  headers: [
    ['authorization', `Bearer ${wire.token}`],
    ['content-type', 'application/json'],
  ],
  body: wire.body,
});
progress('signing the tokens');
const wires = genuineRequests(acs, SECRET, (ROUNDS + 1) * OF_A_ROUND).map(asSent);

/** As the platform hands it over, made before anything is measured. */
function received({ url, headers, body }: OutgoingRequest): IncomingRequest {
  const all = new Headers([
    ...headers.map(([name, value]): [string, string] => [name, value]),
    ['x-forwarded-for', '127.0.0.1:1'],
  ]);
  all.set('content-length', String(Buffer.byteLength(body)));
  return new Request(url, { method: 'POST', headers: all, body: Buffer.from(body) });
}

/** CPU in microseconds a request. */
async function cpuOf(requests: readonly IncomingRequest[], expected: number): Promise<number> {
  const before = process.cpuUsage();
  for (const request of requests) {
    const { status } = await handle(request, context);
    if (status !== expected) throw new Error(`answered ${status}, not ${expected}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests.length;
}

type Kind = {
  readonly family: string;
  readonly forgery: Forgery;
  readonly request: OutgoingRequest;
  readonly cpus: number[];
};
const families = Object.entries(forgeryFamilies);
const kinds: readonly Kind[] = families.flatMap(([family, forgeries]) =>
  forgeries
    // Unknown key ids are in issuer-requests.ts; the others are forgeries of a request that went before.
    .filter((forgery) => !forgery.alternatively && !forgery.afterGenuine)
    .map((forgery) => {
      const request = forgery.forge(genuine({ acs, callbackSecret }, wires[0] as OutgoingRequest));
      return { family, forgery, request, cpus: [] };
    }),
);

const genuineCpus: number[] = [];
const perForgery = 20;
for (let round = 0; round <= ROUNDS; round++) {
  if (round % 5 === 0) progress(`round ${round} of ${ROUNDS}`);
  const cpu = await cpuOf(wires.slice(round * OF_A_ROUND, (round + 1) * OF_A_ROUND).map(received), 200);
  if (round > 0) genuineCpus.push(cpu);
  for (const { forgery, request, cpus } of kinds) {
    const requests = Array.from({ length: perForgery }, () => received(request));
    const spent = await cpuOf(requests, forgery.expected.status);
    if (round > 0) cpus.push(spent);
  }
}

const typical = spreadOf(genuineCpus);
/** Of a family, its requests without a signature to compute and those with one apart. */
const groups = new Map<string, { spread: Spread; dearest: Kind; count: number; computed: boolean }>();
for (const kind of kinds) {
  const computed = COMPUTED.has(kind.forgery.expected.reason);
  const name = `${kind.family}${computed ? ', signature computed' : ''}`;
  const others = groups.get(name);
  const spread = spreadOf([...kind.cpus]);
  const isDearest = !others || spread.median > spreadOf(others.dearest.cpus).median;
  groups.set(name, {
    spread,
    dearest: isDearest ? kind : others.dearest,
    count: (others?.count ?? 0) + 1,
    computed,
  });
}
const medianOf = (name: string) => {
  const all = kinds.filter(
    (kind) =>
      name === `${kind.family}${COMPUTED.has(kind.forgery.expected.reason) ? ', signature computed' : ''}`,
  );
  return spreadOf(all.flatMap(({ cpus }) => cpus));
};
const cheap = [...groups].filter(([name, { computed }]) => !computed && name !== 'The body');
await publish({
  title: 'The price of a forged request',
  about: `The function of the callbacks in process, its requests and contexts made beforehand: CPU of the whole process in
microseconds a request, of ${kinds.length} forgeries (those of local/forgeries.ts without unknown key ids), ${perForgery} of each and ${OF_A_ROUND}
genuine requests in turns, ${ROUNDS} rounds, one under way at a time; medians and quartiles. What the platform and its
library spend on any request, forged or not, is in none of the figures. The body of 1 MiB is in "The body": reading it is
all that it costs.`,
  tables: [
    {
      title: 'CPU by family',
      columns: ['family', 'forgeries', 'CPU µs', '/ genuine', 'the dearest', '/ genuine'],
      rows: [
        ['**genuine**', '', toldSpread(typical), told(1), '', ''],
        ...[...groups].map(([name, { dearest, count }]) => [
          name,
          String(count),
          toldSpread(medianOf(name)),
          told(medianOf(name).median / typical.median),
          dearest.forgery.name,
          told(spreadOf(dearest.cpus).median / typical.median),
        ]),
      ],
      plot: {
        unit: 'CPU, µs a request',
        bars: [
          { name: 'genuine, Ringward', value: typical.median, low: typical.low, high: typical.high },
          ...[...groups.keys()]
            .filter((name) => name !== 'The body')
            .map((name) => {
              const { median: value, low, high } = medianOf(name);
              return { name, value, low, high };
            }),
        ],
      },
    },
  ],
  targets: cheap.map(([name]) => ({
    what: `${name}: CPU of a genuine request's`,
    value: medianOf(name).median / typical.median,
    atMost: 0.25,
  })),
});
await acs.close();
process.exit();
