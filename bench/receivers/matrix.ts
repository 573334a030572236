import type { Table } from '../harness/report.ts';
import { countsOf, isRight } from '../../tools/conformance/report.ts';
import type { Expected, Report, ReportedCase, Verdict } from '../../tools/conformance/report.ts';
import type { Played } from './play.ts';

const RESULTS = '../bench/results/receivers.md';
const NAMES_AT_MOST = 60;

/** Column titles of the verdicts that are not right, and what they mean in a list. */
const WRONG: readonly (readonly [Verdict, title: string, meaning: string])[] = [
  ['accepted-wrongly', 'forged, accepted', 'a forgery was accepted'],
  ['request-sent', 'forged, followed', 'a request went to the server that a forgery names'],
  ['refused-wrongly', 'genuine, refused', 'a genuine request was refused'],
  ['wrong-status', 'other status', ''],
  ['hung', 'no answer', 'no answer in ten seconds'],
  ['broken-connection', 'ended', 'the connection broke: the receiver ended'],
  ['too-lenient', 'lenient', 'accepted, though it is not as documented; only the sender can make it'],
];

const OTHER_STATUS: Readonly<Record<Expected, string>> = {
  accepted: 'a genuine request was answered as a fault of the receiver',
  refused: 'a forgery was not accepted, but answered as a fault of the receiver',
  'refused-or-later': 'a forgery was not accepted, but not refused either',
  later: 'refused for good, while the keys could not be fetched',
};

const played = (all: readonly Played[], sender: string) => all.filter((one) => one.sender === sender);
const sendersOf = (all: readonly Played[]) => [...new Set(all.map(({ sender }) => sender))];
const anchorOf = ({ name, sender }: Played) => `${name}-${sender}`;
const reportOf = ({ result }: Played): Report | undefined => ('missing' in result ? undefined : result);
const linked = (text: string | number, one: Played, page = '') => `[${text}](${page}#${anchorOf(one)})`;

/** For each sender the receivers, with the number of answers of each kind. For docs/conformance.md. */
export function summary(all: readonly Played[]): string {
  return sendersOf(all)
    .map((sender) => {
      const columns = ['receiver', 'right', ...WRONG.map(([, title]) => title), 'key fetches'];
      const rows = played(all, sender).map((one) => {
        const report = reportOf(one);
        const name = `${one.title}<br>${one.versions.join('<br>')}`;
        if (!report) return [name, 'not available here', ...WRONG.map(() => ''), ''];
        const { counts, unknownKeys } = report;
        const tested = Object.values(counts).reduce((sum, count) => sum + count, 0) - counts['not-tested'];
        return [
          name,
          linked(`${counts.right} of ${tested}`, one, RESULTS),
          ...WRONG.map(([verdict]) => (counts[verdict] > 0 ? linked(counts[verdict], one, RESULTS) : '')),
          unknownKeys ? unknownKeys.fetches : '',
        ];
      });
      const alignment = columns.map((_, index) => (index === 0 ? '---' : '---:'));
      const lines = [columns, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
      return `### ${sender}\n\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

/** For each sender the families of requests, with what each receiver answered. */
export function tables(all: readonly Played[]): readonly Table[] {
  return sendersOf(all).map((sender) => {
    const columns = played(all, sender);
    const names = columns.flatMap((one) => reportOf(one)?.families.map(({ name }) => name) ?? []);
    return {
      title: sender,
      columns: ['requests', ...columns.map((one) => linked(one.title, one))],
      rows: [...new Set(names)].map((family) => [family, ...columns.map((one) => cell(one, family))]),
    };
  });
}

function cell(one: Played, family: string): string {
  const cases = reportOf(one)?.families.find(({ name }) => name === family)?.cases ?? [];
  const counts = countsOf(cases);
  const tested = cases.length - counts['not-tested'];
  if (tested === 0) return '–';
  const wrong = WRONG.filter(([verdict]) => counts[verdict] > 0);
  const what = wrong.map(([verdict, title]) => `${counts[verdict]} ${title}`).join('<br>');
  return wrong.length === 0 ? `${counts.right}` : `${counts.right} of ${tested}<br>${linked(what, one)}`;
}

/** What each receiver did with each request that it did not answer as it should. */
export function details(all: readonly Played[]): string {
  return all
    .map((one) => `<a id="${anchorOf(one)}"></a>\n\n## ${one.title}, ${one.sender}\n\n${happened(one)}`)
    .join('\n\n');
}

function happened(one: Played): string {
  const { source, versions, remarks = [], result } = one;
  const about = [versions.join(', '), ...(source === undefined ? [] : [`after <${source}>`])].join(', ');
  if ('missing' in result) return `${about}\n\nNot available here: ${result.missing}`;
  const items = result.families.flatMap(({ name, cases }) =>
    [
      ...Map.groupBy(
        cases.filter((one) => !isRight(one)),
        keyOf,
      ),
    ].map(([key, group]) => `- ${name}: ${key}: ${namesOf(group)}`),
  );
  const keys = result.unknownKeys;
  const fetched = keys
    ? [`${keys.tokens} tokens with unknown key ids: ${keys.fetches} fetches of the key set.`]
    : [];
  const lines = items.length > 0 ? [items.join('\n')] : ['Everything as it should be.'];
  return [about, ...remarks, ...fetched, ...lines].join('\n\n');
}

function keyOf({ verdict, expected, status }: ReportedCase): string {
  const meaning =
    verdict === 'wrong-status' ? OTHER_STATUS[expected] : WRONG.find(([one]) => one === verdict)?.[2];
  return status === null ? `${meaning}` : `${meaning} (${status})`;
}

function namesOf(cases: readonly ReportedCase[]): string {
  const names = cases.map(({ name, note }) => (note === undefined ? `\`${name}\`` : `\`${name}\` (${note})`));
  const more = names.length - NAMES_AT_MOST;
  return more > 0 ? `${names.slice(0, NAMES_AT_MOST).join(', ')} and ${more} more` : names.join(', ');
}
