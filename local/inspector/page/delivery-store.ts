import type { Summary } from '../contract.ts';
import { stateOf } from './format.ts';

/** The states that the filter offers. */
export const filterStates = ['all', 'accepted', 'failed', 'rejected', 'unavailable'] as const;
type FilterState = (typeof filterStates)[number];
const isFilterState = (state: string): state is FilterState =>
  (filterStates as readonly string[]).includes(state);

export type Filter = {
  readonly state: FilterState;
  readonly provider: string;
  readonly text: string;
};
export type Counts = Record<FilterState, number>;
/** The forgeries that `npm start` played are apart: they are in neither the counts nor the list. */
export type Matching = {
  /** Newest first, as many as were asked for. */
  readonly shown: readonly Summary[];
  /** By state, of those that fit the rest of the filter. */
  readonly counts: Counts;
  /** How many fit, shown or not. */
  readonly matching: number;
  /** The played forgeries that fit, newest first. */
  readonly played: readonly Summary[];
};

type Entry = { summary: Summary; words: string };

/** The deliveries that the page knows, at most as many as `npm start` keeps. */
export function deliveryStore() {
  const byId = new Map<number, Entry>();
  let ascending: number[] = [];
  const providers = new Set<string>();
  let limit = 1000;

  function forget(lowestKept: number): void {
    const from = ascending.findIndex((id) => id >= lowestKept);
    drop(from < 0 ? ascending.length : from);
  }

  function drop(many: number): void {
    if (many <= 0) return;
    for (const id of ascending.slice(0, many)) byId.delete(id);
    ascending = ascending.slice(many);
  }

  return {
    /** Returns those that were not known before. */
    take(summaries: readonly Summary[]): readonly Summary[] {
      const fresh = summaries.filter(({ id }) => !byId.has(id));
      for (const summary of summaries) {
        byId.set(summary.id, { summary, words: wordsOf(summary) });
        providers.add(summary.provider);
      }
      const highest = ascending.at(-1) ?? 0;
      ascending.push(...new Set(fresh.map(({ id }) => id)));
      if (fresh.some(({ id }) => id <= highest) || fresh.length > 1) ascending.sort((one, two) => one - two);
      drop(ascending.length - limit);
      return fresh;
    },
    forget,
    keep(most: number): void {
      limit = most;
      drop(ascending.length - limit);
    },
    get: (id: number): Summary | undefined => byId.get(id)?.summary,
    providers: (): ReadonlySet<string> => providers,
    newest: (): number => ascending.at(-1) ?? 0,
    /** Up to this one, all are answered. */
    settled(): number {
      const open = ascending.find((id) => byId.get(id)!.summary.status === undefined);
      return open === undefined ? (ascending.at(-1) ?? 0) : open - 1;
    },
    size: (): number => ascending.length,
    *newestFirst(): Generator<Summary> {
      for (let at = ascending.length - 1; at >= 0; at -= 1) yield byId.get(ascending[at]!)!.summary;
    },
    /** `upTo` is the newest that may be shown. */
    matching({ state, provider, text }: Filter, upTo: number, most: number): Matching {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      const counts: Counts = { all: 0, accepted: 0, failed: 0, rejected: 0, unavailable: 0 };
      const shown: Summary[] = [];
      const played: Summary[] = [];
      let matching = 0;
      for (let at = ascending.length - 1; at >= 0; at -= 1) {
        const { summary, words } = byId.get(ascending[at]!)!;
        if (summary.id > upTo || (provider && summary.provider !== provider)) continue;
        if (!wanted.every((word) => words.includes(word))) continue;
        const own = stateOf(summary);
        const fits = state === 'all' || state === own;
        if (summary.played) {
          if (fits) played.push(summary);
          continue;
        }
        counts.all += 1;
        if (isFilterState(own)) counts[own] += 1;
        if (!fits) continue;
        matching += 1;
        if (shown.length < most) shown.push(summary);
      }
      return { shown, counts, matching, played };
    },
  };
}

export type DeliveryStore = ReturnType<typeof deliveryStore>;

function wordsOf({ types, reason, path, sent, call, caller, outcomes, status }: Summary): string {
  return [...types, reason, path, sent, call, caller, ...(outcomes ?? []), status].join(' ').toLowerCase();
}
