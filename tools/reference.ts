import { reasons } from '../shared/reasons.ts';
import { answerTo } from '../shared/delivery/answer.ts';
import { exampleOf, settingsTable } from '../shared/settings.ts';

/*
 * The reference pages of docs/, written from the tables that the app itself goes by. `npm test` says when a page no
 * longer fits its table; `npm test -- -u` writes it anew.
 */

export function settingsPage(): string {
  const rows = Object.entries(settingsTable).map(([name, row]) => {
    const absent = 'default' in row && row.default !== '' ? `\`${row.default}\`` : '';
    return `| \`${name}\` | ${row.meaning} | ${absent} | \`${exampleOf(row)}\` |`;
  });
  return [
    '# Settings',
    '',
    'Set them as application settings on Azure, and in `local.settings.json` or the environment on your machine. An empty',
    'setting counts as absent. A start with faulty settings stops with one message that lists every fault and its mend; one',
    'with a name in the environment that looks like a misspelled setting says so (`setting-unknown`), and goes on.',
    '',
    '| name | meaning | when absent | example |',
    '|---|---|---|---|',
    ...rows,
    '| `SECRET_<NAME>` | In `Development` only: the secret `<name>`, upper case and with `-` as `_` | | `SECRET_CALLBACK_KEY` |',
    '',
  ].join('\n');
}

export function reasonsPage(): string {
  const rows = Object.entries(reasons).map(([code, { answer, means }]) => {
    const { status } = answerTo(answer, 503);
    return `| \`${code}\` | ${status} | ${means} |`;
  });
  return [
    '# Reasons',
    '',
    'Why a request was not answered 200. The code stands in the log line of its delivery; the sender sees the status and a',
    'constant body, and never the reason.',
    '',
    '| reason | status | what it means |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
