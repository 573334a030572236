import { parseArgs } from 'node:util';

export type StartOptions = {
  readonly port: number;
  /** Play, then exit: 0 only if every verdict was as expected. */
  readonly once: boolean;
  /** Only the functions, with the caller's own settings. */
  readonly bare: boolean;
  /** A folder staged by `npm run build`, to be served instead of the sources. */
  readonly app: string | undefined;
};

export const usage = `npm start -- [options]
  --port <number>   the port to listen on (7071)
  --once            play calls and forgeries, then exit: 0 only if every verdict was as expected
  --bare            only the functions, with your environment and local.settings.json: nothing is played
  --app <folder>    serve a staged folder such as dist/app instead of the sources`;

/** @throws Error with what is wrong and the usage */
export function startOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7071' },
        once: { type: 'boolean', default: false },
        bare: { type: 'boolean', default: false },
        app: { type: 'string' },
      },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) throw new Error(`--port must be a number from 0 to 65535, not "${values.port}"`);
    if (values.once && values.bare) throw new Error('--once plays a call and --bare plays none: choose one');
    return { port, once: values.once, bare: values.bare, app: values.app };
  } catch (fault) {
    throw new Error(`${(fault as Error).message}\n\n${usage}`, { cause: fault });
  }
}
