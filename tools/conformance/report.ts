import { styleText } from 'node:util';
import { WITHOUT_TOKEN } from '../../local/providers/because.ts';

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
  /** What is wrong with a forgery, or odd about a genuine request that no RFC demands. */
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

/** What is not right in order of severity. */
const COLUMNS: readonly (readonly [Verdict, string])[] = [
  ['right', 'right'],
  ['accepted-wrongly', 'accepted'],
  ['request-sent', 'sent'],
  ['hung', 'hung'],
  ['broken-connection', 'broken'],
  ['refused-wrongly', 'refused'],
  ['wrong-status', 'status'],
  ['too-lenient', 'lenient'],
  ['not-tested', 'untested'],
];

export function countsOf(cases: readonly ReportedCase[]): Counts {
  const counts = Object.fromEntries(COLUMNS.map(([verdict]) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of cases) counts[verdict]++;
  return counts;
}

const isUntested = ({ verdict }: ReportedCase): boolean => verdict === 'not-tested';

export const isRight = (one: ReportedCase): boolean => one.verdict === 'right' || isUntested(one);

const NAME_WIDTH = 48;
const COUNT_WIDTH = 10;

const row = (name: string, cells: readonly (string | number)[]) =>
  `${name.padEnd(NAME_WIDTH)}${cells.map((cell) => String(cell).padStart(COUNT_WIDTH)).join('')}`;

const cellsOf = (counts: Counts) => COLUMNS.map(([verdict]) => counts[verdict] || '·');

/** The cause that explains most, a table of families, then the surprising cases, the most severe first. */
export function reportText({ families, counts, unknownKeys }: Report): string {
  const surprises = COLUMNS.flatMap(([verdict]) =>
    families.flatMap((family) => surprisesIn(family, verdict)),
  );
  const all = families.flatMap(({ cases }) => cases);
  const whyUntested = Map.groupBy(all.filter(isUntested), ({ note }) => note);
  const { tokens, fetches } = unknownKeys ?? {};
  const titles = COLUMNS.map(([, title]) => title);
  return [
    styleText('bold', headline(all.filter((one) => !isUntested(one)))),
    '',
    styleText('bold', row('family', titles)),
    ...families.map(({ name, cases }) => row(name, cellsOf(countsOf(cases)))),
    styleText('bold', row('all', cellsOf(counts))),
    ...(surprises.length > 0 ? ['', styleText('bold', 'Not as it should be'), ...surprises] : []),
    ...(whyUntested.size > 0 ? ['', styleText('bold', 'Not tested')] : []),
    ...[...whyUntested].map(([note, cases]) => `  ${cases.length} cases: ${note}`),
    ...(unknownKeys
      ? ['', `${tokens} tokens with unknown key ids made the receiver fetch keys ${fetches} times.`]
      : []),
  ].join('\n');
}

/** @param cases that were tested */
function headline(cases: readonly ReportedCase[]): string {
  if (cases.every(({ status }) => status === null)) {
    return 'It answered nothing at all: look into its log, and check --url.';
  }
  const genuine = cases.filter(({ expected }) => expected === 'accepted');
  const forged = cases.filter(({ expected }) => expected !== 'accepted');
  if (!genuine.some(isRight)) {
    const statuses = new Set(genuine.map(({ status }) => status ?? 'not at all'));
    return `Every genuine request was answered ${[...statuses].join(' or ')}: ${causeOf(genuine[0]?.status ?? 0)}.`;
  }
  if (forged.every(({ verdict }) => verdict === 'accepted-wrongly' || verdict === 'too-lenient')) {
    return 'It accepts every forgery, even without a token or signature: it verifies nothing.';
  }
  if (forged.some((one) => one.verdict === 'accepted-wrongly' && one.because === WITHOUT_TOKEN)) {
    return 'It accepts requests without a token: anybody gets in.';
  }
  const wrong = cases.filter((one) => !isRight(one)).length;
  return wrong === 0 ? 'All is as it should be.' : `${wrong} of ${cases.length} are not as they should be.`;
}

function causeOf(status: number): string {
  if (status === 404 || status === 405) return 'check --url and the path';
  if (status === 401 || status === 403 || status >= 1000) {
    return 'check that it runs with the settings above, and restart it';
  }
  return status >= 300 && status < 400 ? 'it redirects, check --url' : 'look into its log';
}

/** A line for all cases of a family with this verdict that are answered alike. */
function surprisesIn({ name, cases }: ReportedFamily, verdict: Verdict): readonly string[] {
  const tested = cases.filter((one) => !isUntested(one));
  const wrong = tested.filter((one) => !isRight(one) && one.verdict === verdict);
  return [...Map.groupBy(wrong, (one) => `${one.status} ${meaningOf(one, '')}`).values()].map((group) => {
    const [first] = group as [ReportedCase];
    const isAll = group.length > 1 && group.length === tested.length;
    const names = isAll ? `all ${group.length}` : group.map((one) => one.name).join(', ');
    const answered = first.status === null ? '' : ` (${first.status})`;
    const because = isAll && first.expected !== 'accepted' ? '' : distinct(group.map((one) => one.because));
    const note = distinct(group.map((one) => one.note));
    const meaning = meaningOf(first, because && ` (${because})`);
    return `${styleText('red', '✗')} ${name} / ${names}${answered}: ${meaning}${note && ` ${note}.`}`;
  });
}

const distinct = (texts: readonly (string | undefined)[]) =>
  [...new Set(texts.filter((text) => text !== undefined))].join('; ');

/** @param why in brackets, or empty */
function meaningOf({ expected, verdict, status, because }: ReportedCase, why: string): string {
  if (expected === 'accepted' && because !== undefined && status !== null) {
    return `an odd form that no RFC demands${why}: accept it if you can.`;
  }
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
