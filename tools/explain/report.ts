import { styleText } from 'node:util';
import { reasons } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';
import { printable } from '../../local/printable.ts';
import { advice } from './advice.ts';
import type { Asked } from './asked.ts';
import type { Judged } from './judge.ts';
import { timeShown } from './token-shown.ts';
import type { TokenShown } from './token-shown.ts';

const marks = {
  passed: styleText('green', '✓'),
  refused: styleText('red', '✗'),
  'cannot tell': styleText('yellow', '?'),
  'not reached': styleText('dim', '·'),
} as const;

export const NOT_LOOKED_AT = [
  'Not looked at: whether the token or the event came before (the ledger, TOKEN_REUSE), whether the callback URI was bound to',
  'another call (CALL_BINDING), and what your handler does.',
].join('\n');

type Lines = readonly (readonly [string, string])[];

/** The result as text for a terminal and as an exit code. Contains no token, key, MAC or body. */
export function report(given: {
  asked: Asked;
  judged: Judged;
  /** What the sender's own rules say about a refusal. */
  diagnosis: readonly string[];
  /** Seconds since the epoch. */
  at: number;
  isPast: boolean;
  token: TokenShown | undefined;
  key: Lines;
  /** When the token was made, where it would have been accepted then. */
  goodWhenIssued: number | undefined;
  notes: readonly string[];
}): { readonly text: string; readonly code: number } {
  const { asked, judged, diagnosis, at, isPast, token, key, goodWhenIssued, notes } = given;
  const { verdict, code } = verdictOf(judged);
  const time = isPast ? `, as of ${new Date(at * 1000).toISOString()}` : '';
  const { pathname } = asked.received.url;
  const later =
    goodWhenIssued === undefined
      ? []
      : [`When its token was made (${timeShown(goodWhenIssued, at)}) it would have been accepted.`];
  return {
    code,
    text: [
      `${judged.method} ${printable(pathname)}${time}`,
      '',
      ...table(judged),
      '',
      ...section('Its token says, verified or not', token?.lines ?? []),
      ...section('Its callback key says, verified or not', key),
      styleText('bold', verdict),
      ...diagnosis.map((line) => printable(line, 400)),
      ...later,
      ...notes.map((note) => `Note: ${printable(note, 400)}`),
      NOT_LOOKED_AT,
    ].join('\n'),
  };
}

function table({ steps, refusal }: Judged): readonly string[] {
  const width = Math.max(...steps.map(({ name }) => name.length)) + 2;
  const head = styleText('bold', `  ${'check'.padEnd(width)}result`);
  const below = (line: string) => `  ${''.padEnd(width)}${line}`;
  const rows = steps.flatMap((step) => {
    const { name, outcome, reported } = step;
    const decided = outcome === 'refused' || outcome === 'cannot tell' ? refusal?.reason : undefined;
    return [
      `${marks[outcome]} ${name.padEnd(width)}${outcome}${decided ? `: ${decided}` : ''}`,
      ...(decided ? explained(decided).map(below) : []),
      ...reported.map((one) => below(`reported: ${one}, ${reasons[one].means}`)),
    ];
  });
  return [head, ...rows];
}

const explained = (reason: Reason): readonly string[] => [
  reasons[reason].means,
  ...(advice[reason] ? [`→ ${advice[reason]}`] : []),
];

function section(title: string, lines: Lines): readonly string[] {
  if (lines.length === 0) return [];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return [styleText('bold', title), ...lines.map(([name, value]) => `  ${name.padEnd(width)}${value}`), ''];
}

function verdictOf({ refusal }: Judged): { readonly verdict: string; readonly code: number } {
  if (!refusal) return { verdict: 'Accepted: every check that needs no ledger passes.', code: 0 };
  const { reason, status } = refusal;
  const unavailable = reasons[reason].answer === 'unavailable';
  return unavailable
    ? { verdict: `Cannot tell: the app would answer ${status}, so that the sender retries.`, code: 2 }
    : { verdict: `Rejected: the app would answer ${status}.`, code: 1 };
}
