import { setTimeout as wait } from 'node:timers/promises';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { sentTo } from '../../local/providers/tested-sender.ts';
import type { Receiver } from '../../local/providers/tested-sender.ts';
import { exchange, verdictOn } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { isListening } from './receiver.ts';
import type { Expected, ReportedCase, ReportedFamily } from './report.ts';

/** Requests that are on their way at once. */
const IN_FLIGHT = 40;

/** A case, and how it is played. */
export type Case = {
  readonly name: string;
  readonly expected: Expected;
  readonly because?: ReportedCase['because'];
  readonly play: () => Promise<Answer | { readonly untested: string }>;
};

export type Run = ReturnType<typeof newRun>;

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

/** Plays cases and keeps the results. */
export function newRun(options: {
  url: string;
  urlOf: Receiver['urlOf'];
  timeoutMs: number;
  onFamily: (family: ReportedFamily) => void;
}) {
  const { url, urlOf, timeoutMs, onFamily } = options;
  const names: string[] = [];
  const done = new Map<string, readonly ReportedCase[]>();
  const at = (request: OutgoingRequest) => sentTo({ urlOf }, request);

  const inSlot = slots(IN_FLIGHT);
  const alone = slots(1);

  let isGone = false;
  async function isBack(): Promise<boolean> {
    const since = performance.now();
    while (!isGone && !(await isListening(url))) {
      isGone = performance.now() - since > RESTART_MS;
      await wait(RESTART_POLL_MS);
    }
    return !isGone;
  }

  return {
    /** Those that are done, in the order in which they were begun. */
    families: (): readonly ReportedFamily[] => names.map((name) => ({ name, cases: done.get(name) ?? [] })),
    /** The request as it is sent: at the URL of the receiver. */
    at,
    /** Sends a request to the receiver. */
    send: (request: OutgoingRequest) => inSlot(() => exchange(at(request), timeoutMs)),
    /** Plays the cases of one family. Of all that is sent, a few requests are on their way at a time. */
    async play(name: string, cases: readonly Case[]) {
      names.push(name);
      const results = await Promise.all(cases.map(async (one) => reported(one, await one.play())));
      // One request that ends the receiver breaks those beside it: each is sent again, alone. Twice, because a receiver that
      // ends may still take a connection.
      for (const [index, one] of [...cases.entries(), ...cases.entries()]) {
        if (results[index]?.verdict !== 'broken-connection') continue;
        await alone(async () => {
          if (await isBack()) results[index] = reported(one, await one.play());
        });
      }
      add(name, results);
    },
    /** Adds cases that were played otherwise. */
    add(name: string, cases: readonly ReportedCase[]) {
      names.push(name);
      add(name, cases);
    },
  };

  function add(name: string, cases: readonly ReportedCase[]): void {
    done.set(name, cases);
    onFamily({ name, cases });
  }
}

/** Does so many things at once, and the others in their order. */
function slots(most: number) {
  let taken = 0;
  const waiting: (() => void)[] = [];
  return async function inSlot<Result>(work: () => Promise<Result>): Promise<Result> {
    if (taken === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else taken--;
    }
  };
}
