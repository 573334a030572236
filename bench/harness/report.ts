import { format, formatSpread } from './statistics.ts';
import type { Spread } from './statistics.ts';

/** The result of one subject. */
export type Report = {
  readonly title: string;
  /** What was measured, and how: Markdown. */
  readonly about: string;
  readonly tables: readonly Table[];
  readonly limits?: readonly Limit[];
  /** More, behind the tables: Markdown. */
  readonly details?: string;
};

export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

type Cell = string | number | Spread;

/** A ratio that must not grow beyond a bound. */
export type Limit = { readonly what: string; readonly value: number; readonly atMost: number };

/** Sends the report to `npm run bench`, or prints it where a subject runs alone. */
export function publish(report: Report): Promise<void> {
  const send = process.send?.bind(process);
  if (!send) {
    console.log(asMarkdown(report));
    return Promise.resolve();
  }
  return new Promise((resolve) => send({ report }, undefined, undefined, () => resolve()));
}

/** Shows how far a subject is, on stderr. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

export function asMarkdown({ title, about, tables, limits = [], details = '' }: Report): string {
  const parts = [`# ${title}`, about.trim()];
  if (limits.length > 0) parts.push(limits.map((limit) => `- ${asLine(limit)}`).join('\n'));
  for (const table of tables) {
    const alignment = table.columns.map((_, index) => (index === 0 ? '---' : '---:'));
    const lines = [table.columns, alignment, ...table.rows.map((row) => row.map(text))];
    parts.push(`## ${table.title}`, lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
  }
  if (details) parts.push(details.trim());
  return `${parts.join('\n\n')}\n`;
}

export function asLine({ what, value, atMost }: Limit): string {
  return `**${value <= atMost ? 'kept' : 'exceeded'}**: ${what}: ${format(value)}, at most ${atMost}`;
}

function text(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'object') return formatSpread(cell);
  return Number.isInteger(cell) ? cell.toLocaleString('en') : format(cell);
}
