import { isReached } from './report.ts';
import type { Report, Table, Target } from './report.ts';
import { told } from './statistics.ts';

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** @param plotOf the file of a table's plot, where there is one */
export function asMarkdown(
  report: Report,
  plotOf: (table: Table) => string | undefined = () => undefined,
): string {
  const parts = [`# ${report.title}`, report.about.trim()];
  if (report.targets?.length) parts.push(report.targets.map((target) => `- ${asLine(target)}`).join('\n'));
  for (const table of report.tables) {
    const head = [row(table.columns), row(table.columns.map((_, index) => (index === 0 ? '---' : '---:')))];
    parts.push(`## ${table.title}`, [...head, ...table.rows.map(row)].join('\n'));
    const plot = plotOf(table);
    if (plot) parts.push(`![${table.title}](${plot})`);
  }
  return `${parts.join('\n\n')}\n`;
}

export function asLine(target: Target): string {
  const { what, value, atLeast, atMost } = target;
  const bound = atLeast === undefined ? `at most ${String(atMost)}` : `at least ${String(atLeast)}`;
  return `**${isReached(target) ? 'reached' : 'not reached'}**: ${what}: ${told(value)}, ${bound}`;
}
