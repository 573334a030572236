import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../../local/fakes/faults.ts';
import { newSigningKey } from '../../local/fakes/token.ts';
import type { SigningKey } from '../../local/fakes/token.ts';
import { newKeyForms } from '../../local/providers/key-forms.ts';
import type { KeyForm } from '../../local/providers/key-forms.ts';
import type { GenuineToSend, TestedIssuer } from '../../local/providers/tested-sender.ts';
import { reported } from './cases.ts';
import type { Case, Run } from './cases.ts';
import type { Answer } from './exchange.ts';
import type { Report, ReportedCase } from './report.ts';
import type { Trap } from '../../local/fakes/trap.ts';

// What an issuer does in the course of time: new keys, odd key sets, outages. And what a forger does who names one of his own.

const RETRY_MS = 2000;
const UNKNOWN_KEYS = 20;
const LURES = 'Forgeries that name a server';
const ROTATION = 'Genuine: a new key';
const OUTAGES = 'Outages of the issuer';

type Change = Parameters<TestedIssuer['signed']>[0];

export async function testIssuer(
  run: Run,
  issuer: TestedIssuer,
  { trap, patienceMs }: { readonly trap: Trap; readonly patienceMs: number },
): Promise<void> {
  const lured = await playLures(run, issuer, trap);
  const old = issuer.publisher.signingKey();
  const isNewKeyKnown = await playRotation(run, issuer, patienceMs);
  await playKeyForms(run, issuer, isNewKeyKnown ? patienceMs : 0);
  await playOutages(run, issuer, {
    known: isNewKeyKnown ? issuer.publisher.signingKey() : old,
    patienceMs: isNewKeyKnown ? patienceMs : 0,
  });
  // A receiver may send its request after its answer: counted last.
  run.add(
    LURES,
    lured.map((one) =>
      trap.hits(one.name) > 0
        ? { ...one, verdict: 'request-sent', note: `${trap.hits(one.name)} requests arrived there` }
        : one,
    ),
  );
}

/** Signed by the forger, whose server publishes the key. */
async function playLures(run: Run, issuer: TestedIssuer, { origin, key }: Trap) {
  const { kid } = issuer.publisher.signingKey();
  const lure = (name: string, change: (url: string) => Change): GenuineToSend => ({
    name,
    make: () => issuer.signed({ key, ...change(`${origin}/${name}`) }),
  });
  const lures = [
    lure('jku-of-the-forger', (url) => ({ header: { jku: url } })),
    lure('jku-of-the-forger-and-a-known-kid', (url) => ({ header: { jku: url, kid } })),
    lure('x5u-of-the-forger', (url) => ({ header: { x5u: url } })),
    lure('kid-is-a-url', (url) => ({ header: { kid: url } })),
    lure('iss-is-a-url-of-the-forger', (url) => ({ claims: { iss: url } })),
    ...(issuer.luring?.(origin) ?? []),
  ];
  return Promise.all(
    lures.map(async ({ name, make }) =>
      reported({ name, expected: 'refused-or-later' }, await run.send(await make())),
    ),
  );
}

/** Before anything else that has an unknown key: a receiver may wait between two fetches. */
export async function playUnknownKeys(run: Run, issuer: TestedIssuer): Promise<Report['unknownKeys']> {
  const key = await newSigningKey('unknown');
  const before = issuer.fetches();
  const tokens = Array.from({ length: UNKNOWN_KEYS }, (_, number) => ({ ...key, kid: randomUUID(), number }));
  await run.play(
    'Unknown keys',
    tokens.map((unknown) => ({
      name: `unknown-key-${unknown.number + 1}`,
      expected: 'refused-or-later',
      play: async () => run.send(await issuer.signed({ key: unknown })),
    })),
  );
  return { tokens: UNKNOWN_KEYS, fetches: issuer.fetches() - before };
}

/** @returns whether the receiver accepts the new key */
async function playRotation(run: Run, issuer: TestedIssuer, patienceMs: number): Promise<boolean> {
  const old = issuer.publisher.signingKey();
  await issuer.publisher.rotate();
  const added = await untilAccepted(run, issuer, 'a-new-key', patienceMs);
  const stillListed = await sent(run, issuer, 'the-old-key-while-it-is-listed', { key: old });
  run.add(ROTATION, [added, stillListed]);
  return added.verdict === 'right';
}

/** One set with a key for each form. A plain key shows whether the receiver reads the set at all. */
async function playKeyForms(run: Run, issuer: TestedIssuer, patienceMs: number): Promise<void> {
  const { allowed, lenient, set } = await newKeyForms(issuer.listed);
  const plain = await newSigningKey('plain-key-in-an-odd-set');
  issuer.alsoList([...set, issuer.listed(plain)]);
  const first = await untilAccepted(run, issuer, plain.kid, patienceMs, { key: plain });
  const untested = { untested: 'the receiver accepts no key of a set that has odd keys' };
  const keyed = ({ name, odd, key }: KeyForm): Case => ({
    name,
    because: odd,
    expected: 'accepted',
    play: async () => (first.verdict === 'right' ? run.send(await issuer.signed({ key })) : untested),
  });
  run.add('Genuine: a set of odd keys', [first]);
  await Promise.all([
    run.play('Genuine: forms of keys in RFC 7517', allowed.map(keyed)),
    run.play('Genuine: forms of keys beyond RFC 7517', lenient.map(keyed)),
  ]);
}

const FAULTS: Readonly<Record<string, Fault | 'down'>> = {
  'it-is-down': 'down',
  'it-hangs': 'hang',
  'it-answers-with-a-page': 'html',
  'it-answers-500': 'server-error',
};

async function playOutages(
  run: Run,
  issuer: TestedIssuer,
  { known, patienceMs }: { known: SigningKey; patienceMs: number },
): Promise<void> {
  const cases: ReportedCase[] = [];
  const unknown = await newSigningKey('unknown');
  const isKnown = (await sent(run, issuer, '', { key: known })).verdict === 'right';
  for (const [fault, play] of isKnown ? Object.entries(FAULTS) : []) {
    if (play === 'down') await issuer.publisher.down();
    else issuer.fail(play);
    const asKnown = (when: string) => sent(run, issuer, `${fault}: a known key ${when}`, { key: known });
    cases.push(await asKnown('at first'));
    const [asked, meanwhile] = await Promise.all([
      run.send(await issuer.signed({ key: { ...unknown, kid: randomUUID() } })),
      asKnown('beside an unknown key'),
    ]);
    cases.push(reported({ name: `${fault}: an unknown key`, expected: 'later' }, asked), meanwhile);
    cases.push(await asKnown('after an unknown key'));
    issuer.fail();
    await issuer.publisher.up();
  }
  if (isKnown && patienceMs > 0) {
    await issuer.publisher.rotate();
    cases.push(await untilAccepted(run, issuer, 'a-new-key-after-the-outages', patienceMs));
  }
  const untested = { untested: 'the receiver accepts no key of the issuer' };
  run.add(OUTAGES, isKnown ? cases : [reported({ name: 'outages', expected: 'later' }, untested)]);
}

async function sent(run: Run, issuer: TestedIssuer, name: string, change: Change): Promise<ReportedCase> {
  return reported({ name, expected: 'accepted' }, await run.send(await issuer.signed(change)));
}

/** Retries as senders do, since a receiver may wait between two fetches of the keys. */
async function untilAccepted(
  run: Run,
  issuer: TestedIssuer,
  name: string,
  patienceMs: number,
  change: Change = {},
): Promise<ReportedCase> {
  const started = performance.now();
  const answers: Answer[] = [];
  for (;;) {
    const answer = await run.send(await issuer.signed(change));
    answers.push(answer);
    const one = reported({ name, expected: 'accepted' }, answer);
    const milliseconds = performance.now() - started;
    if (one.verdict === 'right' || answer.end === 'hung' || milliseconds + RETRY_MS > patienceMs) {
      const tries = `after ${(milliseconds / 1000).toFixed(1)} s, at try ${answers.length}`;
      const earlier = [...new Set(answers.slice(0, -1).map(({ status }) => status ?? 'none'))];
      return { ...one, note: earlier.length > 0 ? `${tries}, before that ${earlier.join(', ')}` : tries };
    }
    await wait(RETRY_MS);
  }
}
