import { styleText } from 'node:util';

/** What a case must be answered: 2xx (101 for a WebSocket), 4xx, 4xx or 5xx, or 5xx alone. */
export type Expected = 'accepted' | 'refused' | 'refused-or-later' | 'later';

export type Verdict =
  | 'right'
  | 'accepted-wrongly'
  /** Accepted, but only the sender itself can have made it: nobody got in. */
  | 'too-lenient'
  | 'refused-wrongly'
  | 'wrong-status'
  | 'hung'
  | 'broken-connection'
  /** Refused or not: the receiver sent a request to a server that a forgery named. */
  | 'request-sent'
  | 'not-tested';

export type ReportedCase = {
  readonly name: string;
  readonly expected: Expected;
  /** What is wrong with a forgery, in Ringward's words. */
  readonly because?: string | undefined;
  /** Of the HTTP answer, or the code with which a WebSocket was closed; `null` where there was none. */
  readonly status: number | null;
  readonly verdict: Verdict;
  /** Until the answer. */
  readonly milliseconds: number;
  /** More about the result, or why it was not tested. */
  readonly note?: string | undefined;
};

export type ReportedFamily = { readonly name: string; readonly cases: readonly ReportedCase[] };

/** What `--json` writes. Members may be added, and none is renamed or removed within a `format`. */
export type Report = {
  readonly format: 1;
  /** The version of Ringward. */
  readonly version: string;
  /** The URL. */
  readonly receiver: string;
  readonly sender: string;
  /** What the receiver was said to have, with `--has`. */
  readonly features: readonly string[];
  /** RFC 3339. */
  readonly date: string;
  readonly families: readonly ReportedFamily[];
  /** Over all families. */
  readonly counts: Counts;
  /** How often the receiver fetched keys for so many tokens with unknown key ids; absent where keys are not fetched. */
  readonly unknownKeys?: { readonly tokens: number; readonly fetches: number };
};

export type Counts = Readonly<Record<Verdict, number>>;

const COLUMNS: readonly (readonly [Verdict, string])[] = [
  ['right', 'right'],
  ['accepted-wrongly', 'accepted'],
  ['too-lenient', 'lenient'],
  ['refused-wrongly', 'refused'],
  ['wrong-status', 'status'],
  ['hung', 'hung'],
  ['broken-connection', 'broken'],
  ['request-sent', 'sent'],
  ['not-tested', 'untested'],
];

export function countsOf(cases: readonly ReportedCase[]): Counts {
  const counts = Object.fromEntries(COLUMNS.map(([verdict]) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of cases) counts[verdict]++;
  return counts;
}

export const isRight = ({ verdict }: ReportedCase): boolean =>
  verdict === 'right' || verdict === 'not-tested';

const NAME_WIDTH = 48;
const COUNT_WIDTH = 10;

const row = (name: string, cells: readonly string[]) =>
  `${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(COUNT_WIDTH)).join('')}`;

function familyRow(name: string, counts: Counts): string {
  const cells = COLUMNS.map(([verdict]) => (counts[verdict] === 0 ? '·' : String(counts[verdict])));
  return row(name, cells);
}

/** A table of families, then each surprising case in a line. */
export function reportText({ families, counts, unknownKeys }: Report): string {
  const surprises = families.flatMap(surprisesIn);
  const untested = families.flatMap(({ cases }) => cases.filter(({ verdict }) => verdict === 'not-tested'));
  const whyUntested = [...Map.groupBy(untested, ({ note }) => note ?? '')];
  return [
    styleText(
      'bold',
      row(
        'family',
        COLUMNS.map(([, title]) => title),
      ),
    ),
    ...families.map(({ name, cases }) => familyRow(name, countsOf(cases))),
    styleText('bold', familyRow('all', counts)),
    ...(surprises.length > 0 ? ['', styleText('bold', 'Not as it should be'), ...surprises] : []),
    ...(whyUntested.length > 0 ? ['', styleText('bold', 'Not tested')] : []),
    ...whyUntested.map(([note, cases]) => `  ${cases.length} cases: ${note}`),
    ...(unknownKeys
      ? [
          '',
          `${unknownKeys.tokens} tokens with unknown key ids made the receiver fetch keys ${unknownKeys.fetches} times.`,
        ]
      : []),
  ].join('\n');
}

/** A line for each surprising case, or one for all where a whole family is answered alike. */
function surprisesIn({ name: family, cases }: ReportedFamily): readonly string[] {
  const wrong = cases.filter((one) => !isRight(one));
  const [first] = wrong;
  const isAlike = wrong.length > 1 && wrong.length === cases.length;
  if (
    first &&
    isAlike &&
    wrong.every(({ verdict, status }) => verdict === first.verdict && status === first.status)
  ) {
    return [surprise(family, { ...first, name: `all ${cases.length}`, because: undefined, note: undefined })];
  }
  return wrong.map((one) => surprise(family, one));
}

function surprise(family: string, one: ReportedCase): string {
  const { name, status, note } = one;
  const answered = status === null ? '' : ` (${status})`;
  return `${styleText('red', '✗')} ${family} / ${name}${answered}: ${meaningOf(one)}${note ? ` ${note}.` : ''}`;
}

function meaningOf({ expected, verdict, status, because }: ReportedCase): string {
  const why = because === undefined ? '' : ` (${because})`;
  switch (verdict) {
    case 'accepted-wrongly':
      return expected === 'later'
        ? 'accepted, although its key cannot be known.'
        : `a forgery got in${why}: add the check that refuses it.`;
    case 'too-lenient':
      return `nobody got in, since only the sender can make it, but a check is missing${why}.`;
    case 'refused-wrongly':
      return 'a genuine request is refused, and lost where the sender takes that as final.';
    case 'hung':
      return 'no answer in time: set a deadline for every step before the answer.';
    case 'broken-connection':
      return 'the connection broke without an answer: look into the log of the receiver.';
    case 'request-sent':
      return 'it sent a request to a server that the forgery names: take no URL from a request.';
    default:
      return wrongStatus(expected, status ?? 0);
  }
}

function wrongStatus(expected: Expected, status: number): string {
  if (expected === 'accepted')
    return 'a genuine request is not answered with 2xx: look into the log of the receiver.';
  if (expected === 'later') {
    return 'final for the sender, though the key may be genuine: answer 503 while keys cannot be fetched.';
  }
  return status >= 500
    ? 'not accepted, but as a fault of the receiver: answer 401, or senders retry it and alerts ring.'
    : 'not accepted, but not refused either: answer 401.';
}
