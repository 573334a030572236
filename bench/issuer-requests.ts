import { randomUUID } from 'node:crypto';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import type { Acs } from '../local/providers/call-automation/acs.ts';
import { rs256 } from '../local/fakes/token.ts';
import { progress, publish } from './harness/report.ts';
import { rs256Verifiers } from './verifiers/rs256.ts';
import type { Issuer, Verifier, Verify } from './verifiers/verifier.ts';

// How often Ringward and its peers fetch the issuer's keys.
//
//     npm run bench -- issuer-requests
const TOKENS = 100;
const TOKENS_IN_OUTAGE = 50;

type Situation = (acs: Acs, verify: Verify) => Promise<number>;

/** Each returns how many tokens were accepted. */
const situations: Readonly<Record<string, Situation>> = {
  [`cold start, ${TOKENS} at once`]: (acs, verify) => verifyAll(verify, TOKENS, () => acs.token()),
  async [`${TOKENS} unknown key ids at once`](acs, verify) {
    await verify(acs.token());
    const unknown = () => rs256({ ...acs.header(), kid: randomUUID() }, acs.claims(), acs.signingKey());
    return verifyAll(verify, TOKENS, unknown);
  },
  async [`outage, ${TOKENS_IN_OUTAGE} one by one`](acs, verify) {
    acs.play('keys', 'unavailable');
    let accepted = 0;
    for (let sent = 0; sent < TOKENS_IN_OUTAGE; sent++)
      accepted += await verifyAll(verify, 1, () => acs.token());
    return accepted;
  },
};

const rows: string[][] = [];
for (const [name, verifier] of Object.entries<Verifier<Issuer>>(rs256Verifiers)) {
  if (verifier.neverFetches) continue;
  progress(name);
  const cells: string[] = [];
  for (const situation of Object.values(situations)) cells.push(await play(verifier, situation));
  rows.push([name, ...cells]);
}
await publish({
  title: 'Requests to the issuer',
  about: `How often the issuer's key set was fetched, how many of the tokens were accepted, and how long it took: ${TOKENS} genuine
tokens at once when nothing is known yet; ${TOKENS} tokens that the issuer signed under key ids that it does not list, after one
genuine token; ${TOKENS_IN_OUTAGE} genuine tokens one after the other when nothing is known and the issuer answers 503. Ringward fetches
at most once in ten seconds for an unknown key id, and asks the sender to retry where it cannot fetch yet.`,
  tables: [{ title: 'Fetches of the key set', columns: ['', ...Object.keys(situations)], rows }],
});
process.exit();

/** Each situation has an issuer and a verifier of its own. */
async function play({ create }: Verifier<Issuer>, situation: Situation): Promise<string> {
  const acs = await startAcs();
  const verify = await create({
    issuer: acs.issuer,
    configurationUrl: acs.openIdConfigurationUrl,
    jwksUri: `${acs.issuer}/calling/keys`,
    audience: acs.resourceId,
  });
  const started = performance.now();
  const accepted = await situation(acs, verify);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const fetches = acs.fetches().keys;
  await acs.close();
  return `${fetches} (${accepted} accepted, ${seconds} s)`;
}

async function verifyAll(verify: Verify, count: number, token: () => string): Promise<number> {
  const tokens = Array.from({ length: count }, token);
  const results = await Promise.allSettled(tokens.map(async (text) => verify(text)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}
