import { parseArgs } from 'node:util';

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
                     (- reads standard input)`;

/** @throws Error with what is wrong and the usage */
export function doctorOptions(args: readonly string[]): DoctorOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { settings: { type: 'string' }, observe: { type: 'string' } },
    });
    return { settings: values.settings, observe: values.observe };
  } catch (fault) {
    throw new Error(`${(fault as Error).message}\n\n${usage}`, { cause: fault });
  }
}
