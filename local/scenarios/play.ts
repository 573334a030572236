import { styleText } from 'node:util';
import { DELIVERY_HEADER, post } from '../http/request.ts';
import type { ForgeryFamily } from '../providers/forgery.ts';
import { providers } from '../providers/index.ts';
import { send } from './context.ts';
import type { ScenarioContext, ScenarioTarget } from './context.ts';
import { countRow, tableHead, tableRow } from './table.ts';
import type { Row } from './table.ts';

/** Every scenario of every sender. The first is a call that comes in. */
export const scenarios = providers.flatMap((provider) => provider.scenarios);

/** Requests that are shown together, or counted in one line. */
type Group = {
  readonly title: string;
  /** What the app does to each of them, where all is well. */
  readonly done: string;
  readonly plays: readonly ((context: ScenarioContext) => Promise<void>)[];
};

type Playing = {
  /** A row for each request, instead of a line for each group. */
  readonly verbose: boolean;
  /** Ends it before the next request. Nothing is shown from then on. */
  readonly signal: AbortSignal;
};

type PlayingForgeries = Playing & {
  /** Takes the number of each delivery that a forgery makes, and the name of the forgery. */
  readonly onForgery: (delivery: number, name: string) => void;
};

/** Plays the call that comes in, with a row for each of its requests. */
export async function playCall(target: ScenarioTarget, signal: AbortSignal): Promise<readonly Row[]> {
  const [call] = genuine();
  return call ? playGroup(call, target, { verbose: true, signal }) : [];
}

/** Plays the other scenarios, then every forgery. */
export async function playOthers(target: ScenarioTarget, options: PlayingForgeries): Promise<readonly Row[]> {
  const [, ...others] = genuine();
  const rows: Row[] = [];
  for (const [title, groups] of [
    ['Other genuine requests', others],
    ['Forgeries', forged(options)],
  ] as const) {
    if (!options.verbose && !options.signal.aborted) console.log(`\n${styleText('bold', title)}`);
    for (const group of groups) rows.push(...(await playGroup(group, target, options)));
  }
  return rows;
}

async function playGroup(
  { title, done, plays }: Group,
  target: ScenarioTarget,
  { verbose, signal }: Playing,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const print = (text: string) => {
    if (!signal.aborted) console.log(text);
  };
  const onRow = (row: Row) => {
    rows.push(row);
    if (verbose) print(tableRow(row));
  };
  const onNote = (text: string) => {
    if (verbose) print(`      (${text})`);
  };
  if (verbose) print(`\n${title}\n${tableHead()}`);
  for (const play of plays) {
    if (signal.aborted) break;
    try {
      await play({ ...target, onRow, onNote });
    } catch (fault) {
      onRow(brokenOff(fault));
    }
  }
  if (verbose) return rows;
  print(countRow(title, rows, done));
  for (const row of rows) if (!row.asExpected) print(tableRow(row));
  return rows;
}

/** A scenario that cannot go on: a fake service does not answer as it should. */
const brokenOff = (fault: unknown): Row => ({
  sent: 'this could not be played to its end',
  verdict: 'none',
  reason: fault instanceof Error ? fault.message : String(fault),
  status: 0,
  milliseconds: 0,
  asExpected: false,
  written: [],
});

function genuine(): readonly Group[] {
  const groups: { title: string; done: string; plays: Group['plays'][number][] }[] = [];
  for (const { title, play } of scenarios) {
    const last = groups.at(-1);
    if (title === undefined && last) last.plays.push(play);
    else groups.push({ title: title ?? '', done: 'as expected', plays: [play] });
  }
  return groups;
}

const forged = (playing: PlayingForgeries): readonly Group[] =>
  providers
    .flatMap(({ forgeries }) => forgeries)
    .map((family) => ({
      title: family.name,
      done: 'refused',
      plays: [(context) => playForgeries(family, context, playing)],
    }));

async function playForgeries(
  { genuine, members }: ForgeryFamily,
  context: ScenarioContext,
  { signal, onForgery }: PlayingForgeries,
): Promise<void> {
  for (const { name, forge, afterGenuine, expected, alternatively } of members) {
    if (signal.aborted) return;
    const from = await genuine(context);
    if (afterGenuine) {
      const { headers } = await post(from.request);
      onForgery(Number(headers[DELIVERY_HEADER]), `${name}, the genuine one before it`);
    }
    const onRow = (row: Row) => {
      if (row.delivery !== undefined) onForgery(row.delivery, name);
      context.onRow(row);
    };
    await send({ ...context, onRow }, name, forge(from), { ...expected, alternatively });
  }
}
