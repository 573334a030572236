import { misused, noOthers, parseOptions, portOf } from './cli.ts';

export type StartOptions = {
  readonly port: number;
  /** The address of this machine to listen on. */
  readonly address: string;
  /** Play, then exit: 0 only if every verdict was as expected. */
  readonly once: boolean;
  /** A line for each request, instead of one for each family of forgeries. */
  readonly verbose: boolean;
  /** Only the functions, with the caller's own settings. */
  readonly bare: boolean;
  /** A folder staged by `npm run build`, to be served instead of the sources. */
  readonly app: string | undefined;
};

export const usage = `npm start -- [options]
  --port <number>   the port to listen on (7071)
  --once            play calls and forgeries, then exit: 0 only if every verdict was as expected
  --verbose         a line for each forgery, and the logs of handlers all the time
  --bare            only the functions, with your environment and local.settings.json: nothing is played
  --app <folder>    serve a staged folder such as dist/app instead of the sources
  --address <addr>  the address to listen on (127.0.0.1): with another, the network can call your functions
  --help            print this and end`;

const options = {
  port: { type: 'string', default: '7071' },
  once: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  bare: { type: 'boolean', default: false },
  app: { type: 'string' },
  address: { type: 'string', default: '127.0.0.1' },
} as const;

/** @throws UsageError */
export const startOptions = (args: readonly string[]): StartOptions =>
  parseOptions(args, { options, usage }, ({ port, address, once, verbose, bare, app }, others) => {
    noOthers(others);
    if (once && bare) misused('--once plays a call and --bare plays none: choose one.');
    return { port: portOf(port), address, once, verbose, bare, app };
  });
