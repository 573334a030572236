import { randomBytes } from 'node:crypto';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { rs256, signingInput } from '../local/fakes/token.ts';
import { newReference } from '../shared/calls/uris.ts';
import { secretVersion } from '../shared/secrets/versions.ts';
import { mintCallbackKey } from '../shared/verification/callback-key.ts';
import { memoryInSteps } from './harness/memory.ts';
import { publish } from './harness/report.ts';
import { CALLBACKS, ringward } from './ringward.ts';

// Forged requests through the whole pipeline in one process, each with a key id, callback key or token of its own: what
// an attacker can make the process hold.
//
//     npm run bench -- forged-memory [--long]
const CONCURRENCY = 200;
const total = Number(process.argv[2] ?? 1_000_000);

const acs = await startAcs();
const secret = randomBytes(32).toString('base64url');
const { receive, warm } = ringward(CALLBACKS, {
  ACS_RESOURCE_ID: acs.resourceId,
  ACS_ISSUER: acs.issuer,
  ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: secret,
});
await warm();

const expires = Math.floor(Date.now() / 1000) + 3600;
const uriWith = (key: string) => `https://app.example/api/${CALLBACKS}?key=${key}`;
const keyOf = (bytes: Uint8Array) =>
  mintCallbackKey(secretVersion('dev', bytes), 'callback', { reference: newReference(), expires });
const uri = uriWith(keyOf(Buffer.from(secret)));
const signature = randomBytes(256).toString('base64url');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const random = () => randomBytes(16).toString('hex');

/** One forgery of each family in turn. No two requests are equal. */
const families: readonly (() => { url: string; headers: Record<string, string> })[] = [
  // A callback key with an unknown key id.
  () => ({ url: uri.replace('v1.dev', `v1.${random().slice(0, 8)}`), headers: bearer(acs.token()) }),
  // A callback key signed with the attacker's own secret.
  () => ({ url: uriWith(keyOf(randomBytes(32))), headers: {} }),
  // A token with an unknown key id, under the right URI like the rest.
  () => ({
    url: uri,
    headers: bearer(`${signingInput({ ...acs.header(), kid: random() }, acs.claims())}.${signature}`),
  }),
  // A token with a random signature.
  () => ({ url: uri, headers: bearer(`${signingInput(acs.header(), acs.claims())}.${signature}`) }),
  // A token that the issuer signed for another customer.
  () => ({
    url: uri,
    headers: bearer(rs256(acs.header(), { ...acs.claims(), aud: random() }, acs.signingKey())),
  }),
];

const statuses = new Map<number, number>();
let sent = 0;

async function sendOne(): Promise<void> {
  const { url, headers } = families[sent++ % families.length]!();
  const { status } = await receive(new Request(url, { method: 'POST', headers, body: '[]' }));
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

const table = await memoryInSteps({ unit: 'requests', total, concurrency: CONCURRENCY, sendOne });
const answers = [...statuses].map(([status, times]) => `${status} ${times} times`).join(', ');
await publish({
  title: 'Memory under forged requests',
  about: `${total} forged requests through the whole pipeline, ${CONCURRENCY} at a time, in one process. Each has a key id, a
callback key or a token of its own. The heap is measured after a garbage collection. Answered: ${answers}; 503 is for key ids that
cannot be looked up yet. The issuer's keys were fetched ${acs.fetches().keys} times.`,
  tables: [table],
});
await acs.close();
process.exit();
