import { styleText } from 'node:util';
import type { Environment } from '../../shared/settings/table.ts';
import { redact } from '../../shared/telemetry/redact.ts';
import type { Finding } from './finding.ts';

const marks = {
  well: styleText('green', '✓'),
  warning: styleText('yellow', '!'),
  fault: styleText('red', '✗'),
} as const;

/** The findings as a table, and what they come to. */
export function report(
  findings: readonly Finding[],
  environment: Environment,
): { readonly text: string; readonly isWell: boolean } {
  const clean = blotting(environment);
  const width = Math.max(...findings.map(({ check }) => check.length), 5) + 2;
  const indent = ' '.repeat(width);
  const rows = findings.flatMap(({ check, outcome, found, mend }) => [
    `${marks[outcome]} ${check.padEnd(width)}${clean(found)}`,
    ...(mend ? [`  ${indent}→ ${clean(mend).replaceAll('\n', `\n${indent}`)}`] : []),
  ]);
  const count = (outcome: Finding['outcome']) => findings.filter((one) => one.outcome === outcome).length;
  const head = styleText('bold', `  ${'check'.padEnd(width)}result, and what to do`);
  const sum = `${count('well')} well, ${count('warning')} to look at, ${count('fault')} at fault.`;
  return { text: [head, ...rows, '', sum].join('\n'), isWell: count('fault') === 0 };
}

/** A value that somebody put into the wrong setting may be quoted by what refuses it, so secrets that we know go too. */
function blotting(environment: Environment) {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => name.startsWith('SECRET_') && value)
    .map(([, value]) => value as string);
  return (text: string) =>
    secrets.reduce((left, secret) => left.replaceAll(secret, '[secret]'), redact(text));
}
