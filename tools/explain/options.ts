import { misused, parseOptions } from '../../local/cli.ts';
import { routePaths } from './routes.ts';
import { isDate } from './token-shown.ts';

export type ExplainOptions = {
  /** The file with the request; undefined for the standard input. */
  readonly file: string | undefined;
  /** Seconds since the epoch; undefined for now. */
  readonly at: number | undefined;
  /** A file with settings, instead of the environment. */
  readonly settings: string | undefined;
  /** Whether to use the settings of the running `npm start`. */
  readonly local: boolean;
  readonly route: string | undefined;
};

export const usage = (): string => `npm run explain -- [options] [file]
  Reads a captured request from a file, or pasted: an HTTP message, or JSON
  ({ "method", "url", "headers", "body" }). Says what the app would have checked, and what it found.
  --at <time>        judge as of this time instead of now: 2026-11-24T01:00:00Z, or seconds since 1970
  --settings <file>  instead of the environment: local.settings.json, or a deployed app's settings as
                     az functionapp config appsettings list prints them
  --local            the settings of the npm start that runs in this folder
  --route <route>    where it was sent, for a capture that does not say; one of
${[...routePaths().keys()].map((route) => `                       ${route}\n`).join('')}  --help             print this and end
It ends with 0 where the request would be accepted, 1 rejected, 2 where the command cannot
tell now, and 64 where it or an option cannot be understood.`;

const options = {
  at: { type: 'string' },
  settings: { type: 'string' },
  local: { type: 'boolean', default: false },
  route: { type: 'string' },
} as const;

/** @throws UsageError */
export const explainOptions = (args: readonly string[]): ExplainOptions =>
  parseOptions(args, { options, usage: usage() }, ({ at, settings, local, route }, [file, ...others]) => {
    if (others.length > 0) misused('One request at a time: name one file.');
    if (local && settings !== undefined) misused('--local and --settings: choose one.');
    if (route !== undefined && !routePaths().has(route)) {
      misused(`--route must be one of ${[...routePaths().keys()].join(', ')}.`);
    }
    return {
      file: file === '-' ? undefined : file,
      at: at === undefined ? undefined : timeOf(at),
      settings,
      local,
      route,
    };
  });

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Seconds since the epoch, of a time in either form that tokens and people write. */
export function timeOf(text: string): number {
  // Thirteen digits are milliseconds.
  const seconds = /^\d{1,11}(?:\.\d{1,9})?$/.test(text)
    ? Number(text)
    : RFC_3339.test(text)
      ? Date.parse(text.toUpperCase().replace(' ', 'T')) / 1000
      : Number.NaN;
  if (!isDate(seconds)) {
    misused('--at must be a time such as 2026-11-24T01:00:00Z, or seconds since 1970.');
  }
  return seconds;
}
