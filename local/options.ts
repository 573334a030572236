import { parseArgs } from 'node:util';

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
  --verbose         a line for each forgery, and the logs of handlers all the time
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
  help: { type: 'boolean', default: false },
} as const;

/**
 * @returns `help` where the usage is asked for
 * @throws Error with what is wrong and the usage
 */
export function startOptions(args: readonly string[]): StartOptions | 'help' {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return 'help';
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) throw new Error(`--port must be a number from 0 to 65535, not "${values.port}"`);
    if (values.once && values.bare) throw new Error('--once plays a call and --bare plays none: choose one');
    const { address, once, verbose, bare, app } = values;
    const sendTo = (values['send-to'] ?? []).map(httpsOrigin);
    return { port, address, once, verbose, bare, app, sendTo };
  } catch (fault) {
    throw new Error(`${whatIsWrong(fault as Error)}\n\n${usage}`, { cause: fault });
  }
}

/** What is sent holds keys and tokens, so it leaves this machine over https alone. */
function httpsOrigin(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw new Error(`--send-to must be an https address, not "${text}"`);
  return url.origin;
}

/** The parser's own words go on about arguments that begin with a dash, of which there are none here. */
function whatIsWrong({ code, message }: Error & { readonly code?: string }): string {
  const [, unknown] = /^Unknown option '([^']*)'/.exec(message) ?? [];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || !unknown) return message;
  const known = Object.keys(options).map((name) => `--${name}`);
  return `There is no option ${unknown}: there are ${known.slice(0, -1).join(', ')} and ${known.at(-1)}.`;
}
