/** @param sorted ascending */
export const quantile = (sorted: readonly number[], at: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;

/** The median of some rounds, and the quartiles that half of them lie between. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** A figure in as many digits as it has a meaning in. */
export function told(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const toldSpread = ({ median, low, high }: Spread) => `${told(median)} (${told(low)}–${told(high)})`;
