import { noOthers, parseOptions } from '../../local/cli.ts';

export type DoctorOptions = {
  /** A file with settings, instead of the environment. */
  readonly settings: string | undefined;
  /** A file with the log of a running app, or `-` for the standard input. */
  readonly observe: string | undefined;
};

export const usage = `npm run doctor -- [options]
  --settings <file>  check this file instead of the environment: local.settings.json, or the settings of a deployed app
                     as az functionapp config appsettings list prints them
  --observe <file>   read the log of a running app: says what genuine tokens carry and which settings can be stricter
                     (- reads standard input)
  --help             print this and end
It ends with 0 where all is well, 1 where something is at fault, and 64 where an option or the settings cannot be read.`;

const options = { settings: { type: 'string' }, observe: { type: 'string' } } as const;

/** @throws UsageError */
export const doctorOptions = (args: readonly string[]): DoctorOptions =>
  parseOptions(args, { options, usage }, ({ settings, observe }, others) => {
    noOthers(others);
    return { settings, observe };
  });
