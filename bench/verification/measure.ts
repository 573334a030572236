import { randomBytes, randomUUID } from 'node:crypto';
import { hs256 } from '../../local/stand-ins/token.ts';
import { hs256Contenders, PROJECT } from '../contenders/hs256.ts';
import { contenders } from '../contenders/rs256.ts';
import type { Verify } from '../contenders/rs256.ts';
import { issuer } from '../http/servers/environment.ts';

// One algorithm and one number in flight, in the process that verification.ts keeps to its cores.
const [algorithm, inFlight] = [process.argv[2], Number(process.argv[3])];
const ROUNDS = 9;
const SLOW_SHARE = 10;
const SECRET = randomBytes(32).toString('base64url');

process.on('message', async ({ tokens }: { tokens: readonly string[] }) => {
  process.send?.(algorithm === 'RS256' ? await rs256(tokens) : await hs256All());
});
process.send?.({ ready: true });

async function rs256(tokens: readonly string[]) {
  const made: [string, Verify, boolean][] = [];
  for (const { name, make, slow = false } of contenders) made.push([name, await make(issuer), slow]);
  return measure(made, tokens);
}

async function hs256All() {
  const claims = () => ({
    iss: 'Vonage',
    api_key: PROJECT,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    payload_hash: randomBytes(32).toString('hex'),
  });
  const tokens = Array.from({ length: 1000 }, () => hs256({ alg: 'HS256', typ: 'JWT' }, claims(), SECRET));
  const made = await hs256Contenders(SECRET);
  return measure(
    [...made].map(([name, verify]) => [name, verify, false] as const),
    tokens,
  );
}

async function measure(made: readonly (readonly [string, Verify, boolean])[], tokens: readonly string[]) {
  const measured = made.map(([name]) => ({ name, rates: [] as number[], cpus: [] as number[] }));
  // The first round warms up.
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, [, verify, slow]] of made.entries()) {
      const some = slow ? tokens.slice(0, tokens.length / SLOW_SHARE) : tokens;
      const { seconds, cpu } = await verifyAll(some, verify);
      if (round < 0) continue;
      measured[index]?.rates.push(some.length / seconds);
      measured[index]?.cpus.push(cpu / some.length);
    }
  }
  return measured;
}

/** CPU in microseconds. */
async function verifyAll(
  tokens: readonly string[],
  verify: Verify,
): Promise<{ seconds: number; cpu: number }> {
  const queue = tokens.values();
  const work = async () => {
    for (const token of queue) await verify(token);
  };
  const before = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpu: user + system };
}
process.on('disconnect', () => process.exit());
