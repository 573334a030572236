/** @param sorted ascending */
export const quantile = (sorted: ArrayLike<number>, at: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;

/** The median of some rounds, and their quartiles. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** The median of the ratios round by round: other work on the machine slows both of a round. */
export const medianRatio = (rounds: readonly number[] = [], others: readonly number[] = []): number =>
  spreadOf(rounds.map((value, round) => value / (others[round] ?? Number.NaN))).median;

/** CPU of this process since `before`, in microseconds for each of `count`. */
export function cpuOfEach(count: number, before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** At least three digits. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const formatSpread = ({ median, low, high }: Spread) =>
  `${format(median)} (${format(low)}–${format(high)})`;
