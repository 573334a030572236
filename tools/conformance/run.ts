import { isDeepStrictEqual } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { misused } from '../../local/cli.ts';
import { becauseOf } from '../../local/providers/because.ts';
import { providers } from '../../local/providers/index.ts';
import type { GenuineToSend, SenderAtWork, TestedFamily } from '../../local/providers/tested-sender.ts';
import { newRun } from './cases.ts';
import type { Case, Run } from './cases.ts';
import { playUnknownKeys, testIssuer } from './issuer.ts';
import type { StopReceiver } from './receiver.ts';
import { countsOf } from './report.ts';
import type { Report, ReportedFamily } from './report.ts';
import { startTrap } from '../../local/fakes/trap.ts';

export const testedSenders = providers.flatMap(({ tested }) => tested);

export type ConformanceOptions = {
  /** Of the receiver; `{kind}` in it stands for the kind of a request. */
  readonly url: string;
  /** A name of `testedSenders`. */
  readonly sender: string;
  /** What the receiver has besides: features of the sender. */
  readonly has?: readonly string[];
  /** Of the issuer; the next one is that of the forger's server. 0 takes any free ports. */
  readonly port: number;
  /** How long the receiver may take for an answer. */
  readonly timeoutMs: number;
  /** How long it may take until it accepts a new key of the issuer. */
  readonly patienceMs: number;
  /** Starts the receiver with these settings, by name, and resolves when it listens. */
  readonly start: (settings: Readonly<Record<string, string>>) => Promise<StopReceiver>;
  /** Takes each family when it is done. */
  readonly onFamily?: (family: ReportedFamily) => void;
};

const ONE_URL = 'it differs from the genuine request only where the receiver has more than one URL ({kind})';

/**
 * Sends everything that a sender has to a receiver of which only the URL is known.
 *
 * @throws UsageError for a sender or a feature that there is not
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { url, has = [], port, timeoutMs, patienceMs, start, onFamily = () => {} } = options;
  const sender = senderOf(options);
  const date = new Date().toISOString();
  const urlOf = (kind: string) => url.replaceAll('{kind}', kind);
  const run = newRun({ url, urlOf, timeoutMs, onFamily });

  const closing: (() => Promise<void>)[] = [];
  try {
    const work = await sender.start({ urlOf, port, has: (feature) => has.includes(feature) });
    closing.unshift(work.close);
    const trap = await startTrap(port === 0 ? 0 : port + 1);
    closing.unshift(trap.close);
    closing.unshift(await start(work.settings));

    const { issuer } = work;
    await playGenuine(run, work);
    const unknownKeys = issuer && (await playUnknownKeys(run, issuer));
    await Promise.all(
      work.forgeries.map((family) => run.play(family.name, forgeriesOf(family, work, run, has))),
    );
    if (issuer) await testIssuer(run, issuer, { trap, patienceMs });
    const families = run.families();
    const counts = countsOf(families.flatMap(({ cases }) => cases));
    const { version } = packageJson;
    const about = { format: 1, version, receiver: url, sender: sender.name, features: has, date } as const;
    return { ...about, families, counts, ...(unknownKeys && { unknownKeys }) };
  } finally {
    for (const close of closing) await close();
  }
}

function senderOf({ sender: name, has = [] }: ConformanceOptions) {
  const sender = testedSenders.find((one) => one.name === name);
  if (!sender)
    return misused(`There is no sender ${name}. There is ${listOf(testedSenders.map((one) => one.name))}.`);
  const known = Object.keys(sender.features ?? {});
  const unknown = has.find((feature) => !known.includes(feature));
  if (unknown !== undefined) {
    const there = known.length > 0 ? `There is ${listOf(known)}.` : 'It has none.';
    misused(`${name} has no feature ${unknown}. ${there}`);
  }
  return sender;
}

const listOf = (names: readonly string[]) => new Intl.ListFormat('en-GB').format(names);

async function playGenuine(run: Run, { samples, forms, isRepeatable }: SenderAtWork): Promise<void> {
  const accepted = ({ name, odd, make }: GenuineToSend): Case => ({
    name,
    because: odd,
    expected: 'accepted',
    play: async () => run.send(await make()),
  });
  const again = (one: GenuineToSend): Case => ({
    ...accepted(one),
    async play() {
      const request = await one.make();
      const first = await run.send(request);
      return first.end === 'answered' ? run.send(request) : first;
    },
  });
  // Alone: a receiver that fetches keys when it needs them does so once.
  await run.play('Genuine: the first request', samples.slice(0, 1).map(accepted));
  await Promise.all([
    run.play('Genuine: every type', samples.map(accepted)),
    isRepeatable && run.play('Genuine: the same delivery again', samples.map(again)),
    ...Object.entries(forms).map(([name, family]) => run.play(name, family.map(accepted))),
  ]);
}

const forgeriesOf = (
  { name: family, genuine, members }: TestedFamily,
  { featureFor = () => undefined, isOfSender = () => false }: SenderAtWork,
  run: Run,
  has: readonly string[],
): readonly Case[] =>
  members.map(({ name, alternatively, afterGenuine, forge, ...member }) => ({
    name,
    because: becauseOf(member),
    expected: alternatively ? 'refused-or-later' : 'refused',
    async play() {
      const feature = featureFor({ family, name });
      if (feature !== undefined && !has.includes(feature)) {
        return { untested: `only for a receiver that has it: --has ${feature}` };
      }
      const from = await genuine();
      const forged = forge(from);
      if (isDeepStrictEqual(run.at(from.request), run.at(forged))) return { untested: ONE_URL };
      if (afterGenuine) {
        const first = await run.send(from.request);
        if (first.end !== 'answered') return first;
      }
      const answer = await run.send(forged);
      return { ...answer, isOfSender: !afterGenuine && isOfSender(forged) };
    },
  }));
