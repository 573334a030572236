import { isDeepStrictEqual } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { misused } from '../../local/cli.ts';
import { providers } from '../../local/providers/index.ts';
import { sentTo } from '../../local/providers/tested-sender.ts';
import type { GenuineToSend, SenderAtWork, TestedFamily } from '../../local/providers/tested-sender.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { exchange, verdictOn } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { playUnknownKeys, testIssuer } from './issuer.ts';
import { reasons } from '../../shared/reasons.ts';
import type { StopReceiver } from './receiver.ts';
import { countsOf } from './report.ts';
import type { Expected, Report, ReportedCase, ReportedFamily } from './report.ts';
import { startTrap } from './trap.ts';

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

/** Requests that are on their way at once. */
const IN_FLIGHT = 20;
const ONE_URL = 'it differs from the genuine request only where the receiver has more than one URL ({kind})';

/** A case, and how it is played. */
export type Case = {
  readonly name: string;
  readonly expected: Expected;
  /** What is wrong with a forgery. */
  readonly because?: string;
  readonly play: () => Promise<Answer | { readonly untested: string }>;
};

/** What plays cases and keeps the results. */
export type Bench = {
  /** The request as it is sent: at the URL of the receiver. */
  at(request: OutgoingRequest): OutgoingRequest;
  /** Sends a request to the receiver. */
  send(request: OutgoingRequest): Promise<Answer>;
  /** Plays cases of one family, a few at a time. */
  play(family: string, cases: readonly Case[]): Promise<readonly ReportedCase[]>;
  /** Adds cases that were played otherwise. */
  add(family: string, cases: readonly ReportedCase[]): void;
};

export const reported = (
  { name, expected, because }: Omit<Case, 'play'>,
  result: Answer | { readonly untested: string },
  note?: string,
): ReportedCase =>
  'untested' in result
    ? { name, expected, status: null, verdict: 'not-tested', milliseconds: 0, note: result.untested }
    : {
        name,
        expected,
        ...(because !== undefined && { because }),
        status: result.status,
        verdict: verdictOn(result, expected),
        milliseconds: Math.round(result.milliseconds),
        ...(note !== undefined && { note }),
      };

/**
 * Sends everything that a sender has to a receiver of which only the URL is known.
 *
 * @throws UsageError for a sender or a feature that there is not
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { url, has = [], port, timeoutMs, patienceMs, start, onFamily = () => {} } = options;
  const sender = senderOf(options);
  const date = new Date().toISOString();
  const families: ReportedFamily[] = [];
  const urlOf = (kind: string) => url.replaceAll('{kind}', kind);
  const bench: Bench = {
    at: (request) => sentTo({ urlOf }, request),
    send: (request) => exchange(bench.at(request), timeoutMs),
    async play(family, cases) {
      const results = await eachOf(cases, async (one) => reported(one, await one.play()));
      bench.add(family, results);
      return results;
    },
    add(family, cases) {
      const added = { name: family, cases };
      families.push(added);
      onFamily(added);
    },
  };

  const work = await sender.start({ urlOf, port, has: (feature) => has.includes(feature) });
  const trap = await startTrap(port === 0 ? 0 : port + 1);
  const stop = await start(work.settings);
  try {
    const { issuer } = work;
    await playGenuine(bench, work);
    const unknownKeys = issuer && (await playUnknownKeys(bench, issuer));
    for (const family of work.forgeries) await bench.play(family.name, forgeriesOf(family, work, bench, has));
    if (issuer) await testIssuer(bench, issuer, { trap, patienceMs });
    const counts = countsOf(families.flatMap(({ cases }) => cases));
    const { version } = packageJson;
    const about = { format: 1, version, receiver: url, sender: sender.name, features: has, date } as const;
    return { ...about, families, counts, ...(unknownKeys && { unknownKeys }) };
  } finally {
    await stop();
    await Promise.all([work.close(), trap.close()]);
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

async function playGenuine(bench: Bench, { samples, forms, isRepeatable }: SenderAtWork): Promise<void> {
  const accepted = ({ name, make }: GenuineToSend, times = 1): Case => ({
    name,
    expected: 'accepted',
    async play() {
      const request = await make();
      for (let sent = 1; sent < times; sent++) await bench.send(request);
      return bench.send(request);
    },
  });
  // Alone: a receiver that fetches keys when it needs them does so once.
  const [first, ...others] = samples;
  const warm = first ? [reported(accepted(first), await accepted(first).play())] : [];
  const rest = await eachOf(
    others.map((one) => accepted(one)),
    async (one) => reported(one, await one.play()),
  );
  bench.add('Genuine: every type', [...warm, ...rest]);
  if (isRepeatable)
    await bench.play(
      'Genuine: the same delivery again',
      samples.map((one) => accepted(one, 2)),
    );
  for (const [name, family] of Object.entries(forms)) {
    await bench.play(
      name,
      family.map((one) => accepted(one)),
    );
  }
}

const forgeriesOf = (
  { name: family, genuine, members }: TestedFamily,
  { featureFor = () => undefined }: SenderAtWork,
  bench: Bench,
  has: readonly string[],
): readonly Case[] =>
  members.map(({ name, expected, alternatively, afterGenuine, forge }) => ({
    name,
    because: reasons[expected.reason].means,
    expected: alternatively ? 'refused-or-later' : 'refused',
    async play() {
      const feature = featureFor({ family, name });
      if (feature !== undefined && !has.includes(feature)) {
        return { untested: `only for a receiver that has it: --has ${feature}` };
      }
      const from = await genuine();
      const forged = forge(from);
      if (isDeepStrictEqual(bench.at(from.request), bench.at(forged))) return { untested: ONE_URL };
      if (afterGenuine) await bench.send(from.request);
      return bench.send(forged);
    },
  }));

export async function eachOf<One, Result>(
  all: readonly One[],
  work: (one: One) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    while (next < all.length) {
      const index = next++;
      results[index] = await work(all[index] as One);
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, all.length) }, worker));
  return results;
}
