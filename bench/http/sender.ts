import { randomBytes } from 'node:crypto';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import { send } from './load.ts';
import { asBytes, genuineRequests } from './requests.ts';

// A fake of Azure Communication Services in a process of its own: the issuer, and a sender that has every request ready
// before it sends the first.
const acs = await startAcs();
const secret = randomBytes(32).toString('base64url');
let requests: readonly Buffer[] = [];

type Question =
  | { readonly prepare: number }
  | { readonly tokens: number }
  | { readonly port: number; readonly from: number; readonly to: number };

process.on('message', async (question: Question) => {
  process.send?.(await answer(question));
});

async function answer(question: Question): Promise<object> {
  if ('tokens' in question) return { tokens: Array.from({ length: question.tokens }, () => acs.token()) };
  if ('port' in question) return send(question.port, requests.slice(question.from, question.to));
  requests = genuineRequests(acs, secret, question.prepare).map(asBytes);
  return { prepared: requests.length };
}

// The environment of the servers: http/environment.ts.
process.send?.({
  BENCH_ISSUER: acs.issuer,
  BENCH_CONFIGURATION_URL: acs.openIdConfigurationUrl,
  BENCH_JWKS_URI: `${acs.issuer}/calling/keys`,
  BENCH_AUDIENCE: acs.resourceId,
  BENCH_SECRET: secret,
});
process.on('disconnect', () => process.exit());
