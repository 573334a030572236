import { styleText } from 'node:util';
import type { SendResult } from '../../local/inspector/contract.ts';
import { printable } from '../../local/printable.ts';
import type { Expected } from './catalog.ts';

/** What came of everything that was sent, counted by outcome. */
export type Outcomes = {
  readonly add: (result: SendResult) => void;
  readonly sent: () => number;
  readonly unexpected: () => number;
  readonly table: () => string;
};

type Row = { readonly result: SendResult; readonly asExpected: boolean; readonly times: number[] };

export function outcomes(expected: Expected): Outcomes {
  const rows = new Map<string, Row>();
  let [sent, unexpected] = [0, 0];
  return {
    add(result) {
      const key = JSON.stringify([result.status, result.verdict, result.reason]);
      const row = rows.get(key) ?? { result, asExpected: isExpected(result, expected), times: [] };
      rows.set(key, row);
      row.times.push(result.milliseconds);
      sent++;
      if (!row.asExpected) unexpected++;
    },
    sent: () => sent,
    unexpected: () => unexpected,
    table: () => [head(), ...[...rows.values()].sort(byCount).map(lineOf)].join('\n'),
  };
}

/** A sender learns no reason; where somebody who looks into the app tells one, it has to be the right one. */
function isExpected({ status, reason }: SendResult, expected: Expected): boolean {
  if (expected === 'genuine') return (status >= 200 && status < 300) || status === 101;
  return [expected, expected.alternatively].some(
    (one) => one?.status === status && (reason === undefined || reason === one.reason),
  );
}

const byCount = (one: Row, other: Row) => other.times.length - one.times.length;
const WIDTHS = [8, 12, 28] as const;
const FIGURES = ['how many', 'p50', 'p90', 'p99', 'max ms'] as const;

const head = () => {
  const [status, verdict, reason] = WIDTHS;
  const names = `${'status'.padEnd(status)}${'verdict'.padEnd(verdict)}${'reason'.padEnd(reason)}`;
  return styleText('bold', `  ${names}${FIGURES.map((name) => name.padStart(9)).join('')}`);
};

function lineOf({ result, asExpected, times }: Row): string {
  const { status, verdict = '', reason = '' } = result;
  const sorted = Float64Array.from(times).sort();
  const shown = [status === 0 ? 'none' : String(status), printable(verdict, 20), printable(reason, 40)];
  const figures = [
    String(sorted.length),
    ...[0.5, 0.9, 0.99, 1].map((share) => percentile(sorted, share).toFixed(1)),
  ];
  const mark = asExpected ? styleText('green', '✓') : styleText('red', '✗');
  const cells = shown.map((text, index) => text.padEnd(WIDTHS[index] ?? 0));
  return `${mark} ${cells.join('')}${figures.map((text) => text.padStart(9)).join('')}`;
}

/**
 * The smallest value that at least this share of all is not above: the nearest rank.
 *
 * @param sorted ascending, at least one
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
