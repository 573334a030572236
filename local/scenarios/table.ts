import { styleText } from 'node:util';
import { readable } from '../handler-log.ts';
import { printable } from '../printable.ts';

/** One request and its result. */
export type Row = {
  readonly sent: string;
  readonly verdict: string;
  readonly reason: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The number of the delivery; absent where none arrived at this `npm start`. */
  readonly delivery?: number;
  /** Whether status, reason and outcome were as expected. */
  readonly asExpected: boolean;
  /** What its handlers wrote and threw. */
  readonly written: readonly string[];
};

const TITLE_WIDTH = 72;
const WIDTHS = { sent: 46, verdict: 12, reason: 28, status: 7 };

export const tableHead = () =>
  styleText(
    'bold',
    `  ${'sent'.padEnd(WIDTHS.sent)}${'verdict'.padEnd(WIDTHS.verdict)}${'reason'.padEnd(WIDTHS.reason)}${'status'.padEnd(WIDTHS.status)}      ms`,
  );

const indented = (line: string) => `      ${line}`;
const mark = (asExpected: boolean) => (asExpected ? styleText('green', '✓') : styleText('red', '✗'));

/** A line for the request, and below it what its handlers wrote. */
export function tableRow({ sent, verdict, reason, status, milliseconds, asExpected, written }: Row): string {
  const cells = [
    printable(sent).padEnd(WIDTHS.sent),
    printable(verdict).padEnd(WIDTHS.verdict),
    printable(reason).padEnd(WIDTHS.reason),
    String(status).padEnd(WIDTHS.status),
    milliseconds.toFixed(1).padStart(8),
  ];
  return [`${mark(asExpected)} ${cells.join('')}`, ...written.flatMap(readable).map(indented)].join('\n');
}

/** One line for all these requests, such as `✓ The form of the token   29 of 29 refused`. */
export function countRow(title: string, rows: readonly Row[], done: string): string {
  const right = rows.filter(({ asExpected }) => asExpected).length;
  const isAll = right === rows.length;
  return `${mark(isAll)} ${title.padEnd(TITLE_WIDTH)}${right} of ${rows.length} ${isAll ? done : 'as expected'}`;
}
