import { randomBytes } from 'node:crypto';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { rs256, signingInput } from '../local/fakes/token.ts';
import { callbackUris, newReference } from '../shared/calls/uris.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { callAutomation } from '../shared/delivery/call-automation.ts';
import { callBindings } from '../shared/delivery/call-bindings.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import { memoryLedger } from '../shared/ledger/memory.ts';
import { secretVersion, settingsSecret } from '../shared/secrets/versions.ts';
import { callAutomationToken } from '../shared/verification/call-automation-token.ts';
import { callbackKey, mintCallbackKey } from '../shared/verification/callback-key.ts';
import { keyFetcher } from '../shared/verification/discovery.ts';
import { keySet } from '../shared/verification/key-set.ts';
import { publish } from './harness/report.ts';
import { memoryInSteps } from './memory-in-steps.ts';

// A million forged requests, each with a key id, a callback key or a token that was never seen before, through the
// whole pipeline in one process. What the process holds afterwards is what an attacker can make it hold.
//
//     npm run bench -- forged-memory [--long]
const acs = await startAcs();
const keys = keySet({
  name: 'fake',
  fetchKeys: keyFetcher(acs, clock, globalThis.fetch),
  maxStaleSeconds: 86_400,
  clock,
  random: Math.random,
  note: () => {},
});
const secret = randomBytes(32).toString('base64url');
const ring = settingsSecret(secret);
const bounds = { ttlSeconds: 86_400, toleranceSeconds: 60 };
const rules = { issuers: [acs.issuer], audiences: [acs.resourceId], lifeSeconds: 300, toleranceSeconds: 60 };
const deliver = frontDoor({
  provider: callAutomation,
  route: 'callbacks/call-automation',
  checks: [
    callbackKey({ secret: ring, purpose: 'callback', parameter: 'key', ...bounds, clock }),
    callAutomationToken({ rules, keys, clock }),
  ],
  replayRules: callBindings({ tokenReuse: 'report', callBinding: 'report', toleranceSeconds: 60, clock }),
  handlerFor: () => () => {},
  ledger: memoryLedger(clock),
  leaseSeconds: 8,
  timeoutSeconds: 20,
  clock,
});
const uri = await callbackUris({ baseUrl: 'https://app.example', ring, ttlSeconds: 3600, clock })();
const unsigned = randomBytes(256).toString('base64url');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const random = () => randomBytes(16).toString('hex');

/** One forgery of each family in turn; none of them is ever the same. */
const families = [
  // A callback key under a key id that nobody knows.
  () => ({ url: uri.replace('v1.dev', `v1.${random().slice(0, 8)}`), headers: bearer(acs.token()) }),
  // A callback key of a forger's own secret.
  () => {
    const version = secretVersion('dev', randomBytes(32));
    const key = mintCallbackKey(version, 'callback', { reference: newReference(), expires: clock.now() | 0 });
    return { url: `https://app.example/?key=${key}`, headers: {} };
  },
  // The right URI, and a token under a key id that nobody knows.
  () => ({
    url: uri,
    headers: bearer(`${signingInput({ ...acs.header(), kid: random() }, acs.claims())}.${unsigned}`),
  }),
  // The right URI and key id, and a signature that is none.
  () => ({ url: uri, headers: bearer(`${signingInput(acs.header(), acs.claims())}.${unsigned}`) }),
  // Signed by the issuer, for another customer each time.
  () => ({
    url: uri,
    headers: bearer(rs256(acs.header(), { ...acs.claims(), aud: random() }, acs.signingKey())),
  }),
];

await keys.warm();
const statuses = new Map<number, number>();
let sent = 0;

async function sendOne(): Promise<void> {
  const { url, headers } = (families[sent++ % families.length] ?? (() => ({ url: uri, headers: {} })))();
  const request = new Request(url, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: '[]',
  });
  const { status } = await deliver(request, { delivery() {}, handler() {}, handlerThrew() {} });
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

const total = Number(process.argv[2] ?? 1_000_000);
const table = await memoryInSteps({ unit: 'requests', total, atOnce: 200, sendOne });
const answers = [...statuses].map(([status, times]) => `${status} ${times} times`).join(', ');
await publish({
  title: 'Memory under forged requests',
  about: `${total} forged requests, each with a key id, a callback key or a token that was never seen before, through the whole
pipeline in one process, 200 at a time; the heap after a collection. Those of unknown key ids are refused or put off (503). Answered:
${answers}. The issuer was asked ${acs.fetches().keys} times for its keys. \`--long\` sends a million.`,
  tables: [table],
});
await acs.close();
