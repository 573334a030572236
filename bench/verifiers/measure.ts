import { randomBytes, randomUUID } from 'node:crypto';
import { hs256 } from '../../local/fakes/token.ts';
import { cpuOfEach } from '../harness/statistics.ts';
import { issuer } from '../http/environment.ts';
import { hs256Verifiers, PROJECT } from './hs256.ts';
import { rs256Verifiers } from './rs256.ts';
import type { Verify } from './verifier.ts';

// One verifier alone in its process, as in an app: in a shared process the others would change what the compiler learns
// about functions of Node that all of them call.
//
//     measure.ts <algorithm> <tokens in flight> <name of the verifier>
const [algorithm, inFlight, name = ''] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const SECRET = randomBytes(32).toString('base64url');

/** Tokens a second, and CPU of the process in microseconds a token. */
export type Round = { readonly rate: number; readonly cpu: number };

const verify: Verify =
  algorithm === 'RS256'
    ? await rs256Verifiers[name as keyof typeof rs256Verifiers].create(issuer)
    : await hs256Verifiers[name as keyof typeof hs256Verifiers].create(SECRET);
let tokens: readonly string[] = algorithm === 'HS256' ? Array.from({ length: 1000 }, vonageToken) : [];

type Question = { readonly tokens: readonly string[] } | { readonly measure: true };
process.on('message', async (question: Question) => {
  if ('measure' in question) return void process.send?.(await round());
  tokens = question.tokens;
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });

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

async function round(): Promise<Round> {
  const queue = tokens.values();
  const work = async () => {
    for (const token of queue) await verify(token);
  };
  const before = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - started) / 1000;
  return { rate: tokens.length / seconds, cpu: cpuOfEach(tokens.length, before) };
}
