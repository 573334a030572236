import { freePort } from '../../local/http/loopback.ts';
import type { Report } from '../../tools/conformance/report.ts';
import { runConformance } from '../../tools/conformance/run.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { receivers } from './list.ts';
import { deployments, stageRingward } from './ringward.ts';
import { install, start } from './start.ts';

/** What a receiver did with the requests of one sender. */
export type Played = {
  /** Unique among those of one sender. */
  readonly name: string;
  readonly title: string;
  readonly sender: string;
  /** The documentation that it follows; absent for Ringward. */
  readonly source?: string;
  readonly versions: readonly string[];
  /** What is to know about its results: Markdown, a paragraph each. */
  readonly remarks?: readonly string[];
  /** The report, or why there is none. */
  readonly result: Report | { readonly missing: string };
};

const AT_ONCE = 2;
/** Senders wait that long or less for an answer, and retry a delivery for longer. */
const WAITS = { timeoutMs: 10_000, patienceMs: 45_000 };

/**
 * Plays every receiver, and Ringward as deployed for each of their senders.
 *
 * @param onPlayed called with the title of a receiver that is done
 */
export async function playAll(onPlayed: (title: string) => void): Promise<readonly Played[]> {
  const versions = new Map<string, readonly string[] | Error>();
  for (const receiver of receivers) {
    versions.set(receiver.name, await install(receiver).catch((fault: Error) => fault));
  }
  const ringward = await stageRingward();

  const plays = [
    ...Object.entries(deployments).map(([sender, { has, path }]) => async (): Promise<Played> => {
      const name = {
        name: 'ringward',
        title: 'Ringward',
        sender,
        versions: [`ringward ${packageJson.version}`],
      };
      const result = await attacked({ sender, path, has }, (port, settings) =>
        ringward.start(sender, port, settings),
      );
      return { ...name, result };
    }),
    ...receivers.map((receiver) => async (): Promise<Played> => {
      const { name, title, sender, source, path, remarks = [] } = receiver;
      const installed = versions.get(name) ?? [];
      if (installed instanceof Error) {
        return { name, title, sender, source, versions: [], result: { missing: installed.message } };
      }
      const result = await attacked({ sender, path }, (port, settings) =>
        start(receiver, port, settings),
      ).catch((fault: Error) => ({ missing: fault.message }));
      return { name, title, sender, source, versions: installed, remarks, result };
    }),
  ];
  try {
    return await inOrder(plays, onPlayed);
  } finally {
    await ringward.close();
  }
}

/** A few at a time; the results stand in the order of the list. */
async function inOrder(
  plays: readonly (() => Promise<Played>)[],
  onPlayed: (title: string) => void,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  const queue = plays.entries();
  async function work(): Promise<void> {
    for (const [index, play] of queue) {
      const one = await play();
      played[index] = one;
      onPlayed(`${one.title}, ${one.sender}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return played;
}

/** @param start starts the receiver at a port */
async function attacked(
  { path, ...tested }: { sender: string; path: string; has?: readonly string[] },
  start: (port: number, settings: Readonly<Record<string, string>>) => Promise<() => Promise<void>>,
) {
  const port = await freePort();
  const url = `${tested.sender === 'media' ? 'ws' : 'http'}://127.0.0.1:${port}${path}`;
  return runConformance({
    ...WAITS,
    ...tested,
    url,
    port: 0,
    start: (settings) => start(port, settings),
  });
}
