import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf, withHeader } from '../abuse/wire.ts';
import { besieged } from './abuse/besieged.ts';
import { aborts, drips } from './abuse/sieges.ts';
import { ATTACKS, attack, isInstalled } from './abuse/slowhttptest.ts';
import { strangers } from './abuse/strangers.ts';
import { appTarget, descriptorsOf, mediaTarget } from './abuse/target.ts';
import type { Target } from './abuse/target.ts';
import type { Asked, Part, Tried } from './part.ts';

const COUNTS = {
  short: { connections: 400, seconds: 4, aborted: 1000, strangers: 2500 },
  long: { connections: 2000, seconds: 90, aborted: 50_000, strangers: 1_000_000 },
} as const;
/** Descriptors that may be open afterwards, beside those that were before. */
const HELD = 20;

/** Connections that abuse the protocol; the odd requests of one connection each are the part `requests`. */
export const abuse: Part = {
  name: 'abuse',
  about: 'slow headers and bodies, aborted uploads, distinct keys, against the app and the media host',
  async run(asked) {
    const tried: Tried[] = [];
    for (const start of [appTarget, mediaTarget]) {
      const target = await start();
      try {
        tried.push(...(await abused(target, asked)));
      } finally {
        await target.close();
      }
    }
    return tried;
  },
};

async function abused(target: Target, { extent }: Asked): Promise<Tried[]> {
  const { connections, seconds, ...counts } = COUNTS[extent];
  const tried: Tried[] = [];
  const isApp = target.name === 'the app';
  const before = await descriptorsOf(target);
  const siege = async (what: string, times: number, work: () => Promise<void>) => {
    console.log(`\n${target.name}: ${what}`);
    const { found } = await besieged(target, work);
    tried.push({ what: `${target.name}: ${what}`, times, found });
  };

  const genuine = await target.genuine();
  const head = Buffer.from(`${genuine.line}\r\nhost: a\r\nx-a: `);
  await siege('connections with slow headers', connections, () => drips(target, head, connections, seconds));
  if (isApp) {
    // Of a request that proves all that can be proved before its body is there.
    const body = bytesOf({
      ...withHeader(genuine, 'content-length', 'content-length: 100000'),
      body: Buffer.from('['),
    });
    await siege('connections with slow bodies', connections, () => drips(target, body, connections, seconds));
  }
  await siege('requests broken off', counts.aborted, () => aborts(target, counts.aborted));

  const installed = await isInstalled();
  if (!installed) console.log('slowhttptest is not installed, and left out: apt-get install slowhttptest');
  for (const [name, flag] of installed ? Object.entries(ATTACKS) : [])
    await siege(`connections of slowhttptest, ${name}`, connections, async () =>
      console.log(`  it says: ${await attack(target, flag, connections, seconds)}`),
    );
  if (isApp) {
    console.log(`\n${target.name}: distinct key ids and callback keys`);
    tried.push(...(await strangers(target, counts.strangers, extent)));
  }

  // Idle connections are gone after five seconds.
  await wait(8000);
  const after = await descriptorsOf(target);
  const left = after - before > HELD ? [`${after - before} descriptors are left open`] : [];
  return [
    ...tried,
    { what: `${target.name}: descriptors left open`, times: Math.max(0, after - before), found: left },
  ];
}
