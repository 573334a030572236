import { randomUUID } from 'node:crypto';
import { startAcs } from '../local/providers/call-automation/acs.ts';
import { rs256 } from '../local/fakes/token.ts';
import { contenders } from './contenders/rs256.ts';
import type { IssuerAddress, Verify } from './contenders/rs256.ts';
import { progress, publish } from './harness/report.ts';

// How often the issuer is asked for its keys, by Ringward and by its peers.
//
//     npm run bench -- issuer-requests
const AT_ONCE = 100;

/** Those that ask the issuer themselves. */
const asking = contenders.filter(({ keyInHand }) => !keyInHand);

type Counted = { readonly asked: number; readonly accepted: number; readonly seconds: number };
const rows: string[][] = [];

for (const { name, make } of asking) {
  progress(name);
  const cold = await situation(make, async ({ verify, token }) =>
    verifyAll(verify, Array.from({ length: AT_ONCE }, token)),
  );
  const flood = await situation(make, async ({ acs, verify, token }) => {
    await verify(token());
    const before = acs.fetches().keys;
    const unknown = () => rs256({ ...acs.header(), kid: randomUUID() }, acs.claims(), acs.signingKey());
    const result = await verifyAll(verify, Array.from({ length: AT_ONCE }, unknown));
    return { ...result, asked: acs.fetches().keys - before };
  });
  const out = await situation(make, async ({ acs, verify, token }) => {
    acs.play('keys', 'unavailable');
    return oneByOne(verify, Array.from({ length: 50 }, token));
  });
  const cell = ({ asked, accepted, seconds }: Counted) =>
    `${asked} (${accepted} accepted, ${seconds.toFixed(1)} s)`;
  rows.push([name, cell(cold), cell(flood), cell(out)]);
}

await publish({
  title: 'Requests to the issuer',
  about: `How often the issuer's key set was fetched, how many of the tokens were accepted, and how long it took: ${AT_ONCE} genuine
tokens at once when nothing is known yet; ${AT_ONCE} at once that are signed by the issuer under key ids that it does not
list, when its keys are known; and 50 genuine ones, one after the other, when nothing is known and the issuer answers 503. Ringward
fetches for unknown ids at most once in ten seconds.`,
  tables: [
    {
      title: 'Fetches of the key set',
      columns: ['', `cold start, ${AT_ONCE} at once`, `${AT_ONCE} unknown key ids`, 'outage, 50 one by one'],
      rows,
    },
  ],
});
process.exit();

type Situation = {
  readonly acs: Awaited<ReturnType<typeof startAcs>>;
  readonly verify: Verify;
  readonly token: () => string;
};

/** With an issuer and a verifier of its own. */
async function situation(
  make: (address: IssuerAddress) => Promise<Verify>,
  play: (situation: Situation) => Promise<Omit<Counted, 'asked'> & { asked?: number }>,
): Promise<Counted> {
  const acs = await startAcs();
  const verify = await make({
    issuer: acs.issuer,
    configurationUrl: acs.openIdConfigurationUrl,
    jwksUri: `${acs.issuer}/calling/keys`,
    audience: acs.resourceId,
  });
  const result = await play({ acs, verify, token: () => acs.token() });
  const counted = { asked: acs.fetches().keys, ...result };
  await acs.close();
  return counted;
}

async function verifyAll(verify: Verify, tokens: readonly string[]): Promise<Omit<Counted, 'asked'>> {
  const started = performance.now();
  const ended = await Promise.allSettled(tokens.map(async (token) => verify(token)));
  const accepted = ended.filter(({ status }) => status === 'fulfilled').length;
  return { accepted, seconds: (performance.now() - started) / 1000 };
}

async function oneByOne(verify: Verify, tokens: readonly string[]): Promise<Omit<Counted, 'asked'>> {
  const started = performance.now();
  let accepted = 0;
  for (const token of tokens) {
    const [ended] = await Promise.allSettled([(async () => verify(token))()]);
    if (ended.status === 'fulfilled') accepted++;
  }
  return { accepted, seconds: (performance.now() - started) / 1000 };
}
