import { setTimeout as wait } from 'node:timers/promises';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { sentTo } from '../../local/providers/tested-sender.ts';
import type { Receiver } from '../../local/providers/tested-sender.ts';
import { exchange, verdictOn } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { isListening } from './receiver.ts';
import type { Expected, ReportedCase, ReportedFamily } from './report.ts';

/** Requests that are on their way at once. */
const IN_FLIGHT = 20;

/** A case, and how it is played. */
export type Case = {
  readonly name: string;
  readonly expected: Expected;
  /** What is wrong with a forgery. */
  readonly because?: string;
  readonly play: () => Promise<Answer | { readonly untested: string }>;
};

/** Plays cases and keeps the results. */
export type Run = {
  /** Those that are done. */
  readonly families: readonly ReportedFamily[];
  /** The request as it is sent: at the URL of the receiver. */
  at(request: OutgoingRequest): OutgoingRequest;
  /** Sends a request to the receiver. */
  send(request: OutgoingRequest): Promise<Answer>;
  /** Plays cases of one family, a few at a time. */
  play(family: string, cases: readonly Case[]): Promise<void>;
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

/** How long a receiver that has ended may take until it listens again, where something restarts it. */
const RESTART_MS = 5000;
const RESTART_POLL_MS = 100;

export function newRun(options: {
  url: string;
  urlOf: Receiver['urlOf'];
  timeoutMs: number;
  onFamily: (family: ReportedFamily) => void;
}): Run {
  const { url, urlOf, timeoutMs, onFamily } = options;
  const families: ReportedFamily[] = [];
  const at = (request: OutgoingRequest) => sentTo({ urlOf }, request);

  function add(family: string, cases: readonly ReportedCase[]): void {
    const added = { name: family, cases };
    families.push(added);
    onFamily(added);
  }
  async function play(family: string, cases: readonly Case[]): Promise<void> {
    const results = [...(await eachOf(cases, async (one) => reported(one, await one.play())))];
    // One request that ends the receiver breaks those beside it: each is sent again, alone.
    for (const [index, one] of cases.entries()) {
      if (results[index]?.verdict !== 'broken-connection' || !(await isBack())) continue;
      results[index] = reported(one, await one.play());
    }
    add(family, results);
  }

  let isGone = false;
  async function isBack(): Promise<boolean> {
    const since = performance.now();
    while (!isGone && !(await isListening(url))) {
      isGone = performance.now() - since > RESTART_MS;
      await wait(RESTART_POLL_MS);
    }
    return !isGone;
  }
  return { families, at, send: (request) => exchange(at(request), timeoutMs), play, add };
}

async function eachOf<One, Result>(
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
