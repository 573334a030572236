import { randomBytes, randomUUID } from 'node:crypto';
import { hs256 } from '../../local/fakes/token.ts';
import { hs256Contenders, PROJECT } from '../contenders/hs256.ts';
import { contenders } from '../contenders/rs256.ts';
import type { Verify } from '../contenders/rs256.ts';
import { issuer } from '../http/servers/environment.ts';

// One contender of one algorithm, alone in its process as a verifier is in an app: what others run in the same process
// would change what the compiler knows of the functions of Node that they share.
const [algorithm, inFlight, name] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const SECRET = randomBytes(32).toString('base64url');

/** What a round took, CPU and all, in microseconds a token; tokens a second. */
export type Round = { readonly rate: number; readonly cpu: number };

const verify = await contender();
let tokens: readonly string[] = algorithm === 'HS256' ? Array.from({ length: 1000 }, vonageToken) : [];

type Question = { readonly tokens: readonly string[] } | { readonly count: number };
process.on('message', async (question: Question) => {
  if ('count' in question) return void process.send?.(await round(tokens.slice(0, question.count)));
  tokens = question.tokens;
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });

async function contender(): Promise<Verify> {
  const made =
    algorithm === 'RS256'
      ? await contenders.find((one) => one.name === name)?.make(issuer)
      : (await hs256Contenders(SECRET)).get(name ?? '');
  if (!made) throw new Error(`there is no ${name}`);
  return made;
}

function vonageToken(): string {
  const claims = {
    iss: 'Vonage',
    api_key: PROJECT,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    payload_hash: randomBytes(32).toString('hex'),
  };
  return hs256({ alg: 'HS256', typ: 'JWT' }, claims, SECRET);
}

async function round(some: readonly string[]): Promise<Round> {
  const queue = some.values();
  const work = async () => {
    for (const token of queue) await verify(token);
  };
  const before = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { rate: some.length / seconds, cpu: (user + system) / some.length };
}
