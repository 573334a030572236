import { styleText } from 'node:util';

/** One request and its result. */
export type Row = {
  readonly sent: string;
  readonly verdict: string;
  readonly reason: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Whether status, reason and outcome were as expected. */
  readonly asExpected: boolean;
};

const WIDTHS = { sent: 46, verdict: 12, reason: 28, status: 7 };

export const tableHead = () =>
  styleText(
    'bold',
    `  ${'sent'.padEnd(WIDTHS.sent)}${'verdict'.padEnd(WIDTHS.verdict)}${'reason'.padEnd(WIDTHS.reason)}${'status'.padEnd(WIDTHS.status)}      ms`,
  );

export function tableRow({ sent, verdict, reason, status, milliseconds, asExpected }: Row): string {
  const mark = asExpected ? styleText('green', '✓') : styleText('red', '✗');
  const cells = [
    sent.padEnd(WIDTHS.sent),
    verdict.padEnd(WIDTHS.verdict),
    reason.padEnd(WIDTHS.reason),
    String(status).padEnd(WIDTHS.status),
    milliseconds.toFixed(1).padStart(8),
  ];
  return `${mark} ${cells.join('')}`;
}
