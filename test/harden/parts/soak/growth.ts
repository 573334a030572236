import type { Weight } from './books.ts';

export const MIB = 1024 * 1024;
export const mebibytes = (bytes = 0) => (bytes / MIB).toFixed(1);

/** What is warm after this part of a run. */
const WARM = 1 / 3;
/** What may come and go, such as the buffers of the requests that are under way: one of each sender's, many times over. */
const SLACK = 24 * MIB;
/**
 * What the ledger in memory keeps for a handled event, in bytes, and for how many events: measured by
 * bench/delivered-memory.ts.
 */
const PER_EVENT = 500;
const EVENTS = 100_000;

type Phase = {
  readonly alive: number;
  readonly resident: number;
  readonly handled: number;
  readonly text: string;
};
export type Phases = { readonly first: Phase; readonly last: Phase; readonly grown: number };

/** What stood at the end of the warm-up, and at the end: the medians of an eighth of the samples each. */
export function phases(weights: readonly Weight[]): Phases {
  const eighth = Math.max(1, Math.floor(weights.length / 8));
  const warm = Math.floor(weights.length * WARM);
  const first = phase(weights.slice(warm, warm + eighth));
  const last = phase(weights.slice(-eighth));
  return { first, last, grown: last.alive - first.alive };
}

/** Whether more is alive than the slack and the bounded memory of the ledger account for. */
export function excess({ first, last, grown }: Phases): boolean {
  const remembered = Math.min(EVENTS, last.handled - first.handled);
  return !(grown <= SLACK + PER_EVENT * remembered);
}

function phase(weights: readonly Weight[]): Phase {
  const alive = median(weights.map((weight) => weight.alive));
  const resident = median(weights.map((weight) => weight.resident));
  const handled = median(weights.map((weight) => weight.handled));
  const text = `${mebibytes(alive)} MiB alive, ${mebibytes(resident)} MiB resident, ${handled} handled`;
  return { alive, resident, handled, text };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
