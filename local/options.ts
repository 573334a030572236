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
  /** The apps on other machines that `npm run send` may send to: origins. */
  readonly sendTo: readonly string[];
  /** A folder staged by `npm run build`, to be served instead of the sources. */
  readonly app: string | undefined;
};

export const usage = `npm start -- [options]
  --port <number>   listen on this port (7071)
  --once            play calls and forgeries, then exit: 0 only if every verdict was as expected
  --verbose         a line for each request of every scenario, with what handlers wrote
  --bare            only the functions, with your environment and local.settings.json: nothing is played
  --app <folder>    serve a staged folder such as dist/app instead of the sources
  --address <addr>  listen on this address (127.0.0.1); with another one, the network can call your functions
  --send-to <url>   an app on another machine that npm run send may send to; more than once for several
  --help            print this and end`;

const options = {
  port: { type: 'string', default: '7071' },
  once: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  bare: { type: 'boolean', default: false },
  app: { type: 'string' },
  address: { type: 'string', default: '127.0.0.1' },
  'send-to': { type: 'string', multiple: true },
} as const;

/** @throws UsageError */
export const startOptions = (args: readonly string[]): StartOptions =>
  parseOptions(args, { options, usage }, ({ port, address, once, verbose, bare, app, ...values }, others) => {
    noOthers(others);
    if (once && bare) misused('--once plays a call and --bare plays none: choose one.');
    const sendTo = (values['send-to'] ?? []).map(httpsOrigin);
    return { port: portOf(port), address, once, verbose, bare, app, sendTo };
  });

/** What is sent holds keys and tokens, so it leaves this machine over https alone. */
function httpsOrigin(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') return misused(`--send-to must be an https address, not "${text}".`);
  return url.origin;
}
