import { misused, noOthers, parseOptions } from '../../local/cli.ts';
import { testedSenders } from './run.ts';

const featuresOf = ({ name, features = {} }: (typeof testedSenders)[number]) =>
  Object.entries(features).map(([feature, means]) => `      ${`${name}: ${feature}`.padEnd(32)}${means}`);

export const usage = `npm run conformance -- --url <receiver> [options]
  Sends a receiver of webhooks everything that it must accept and everything that it must refuse, and prints what it did.
  --url <url>          the receiver; ws:// for --sender media. {kind} in it stands for the kind of a request where each has a
                       URL of its own, such as archive or voice
  --sender <name>      ${testedSenders.map(({ name }) => name).join(', ')} (call-automation)
  --run '<command>'    starts the receiver with the settings and PORT as environment variables, and ends it afterwards.
                       Without it, start it yourself with the settings that are printed
  --has <feature>      the receiver has this besides; more than once for several:
${testedSenders.flatMap(featuresOf).join('\n')}
  --issuer-port <no.>  where the issuer listens (7090); a server of the forger listens on the next one
  --timeout <seconds>  how long the receiver may take for an answer (10)
  --patience <seconds> how long it may take until it accepts a new key of the issuer (90)
  --json <file>        also writes a report
  --help               print this and end
It ends with 0 where everything is right, 1 where something is not, and 64 where it was not understood.`;

const options = {
  url: { type: 'string' },
  sender: { type: 'string', default: 'call-automation' },
  has: { type: 'string', multiple: true },
  run: { type: 'string' },
  'issuer-port': { type: 'string', default: '7090' },
  timeout: { type: 'string', default: '10' },
  patience: { type: 'string', default: '90' },
  json: { type: 'string' },
} as const;

/** @throws UsageError */
export const conformanceOptions = (args: readonly string[]) =>
  parseOptions(args, { options, usage }, ({ url, sender, has = [], run, json, ...values }, others) => {
    noOthers(others);
    return {
      url: receiverUrl(url, sender),
      sender,
      has,
      run,
      json,
      port: issuerPort(values['issuer-port']),
      timeoutMs: milliseconds('--timeout', values.timeout),
      patienceMs: milliseconds('--patience', values.patience),
    };
  });

function receiverUrl(text = '', sender: string): string {
  const schemes = sender === 'media' ? ['ws:'] : ['http:', 'https:'];
  const { protocol = '', search, hash, username } = URL.parse(text) ?? ({} as Partial<URL>);
  if (schemes.includes(protocol) && !search && !hash && !username) return text;
  const named = schemes.map((scheme) => `${scheme}//`).join(' or ');
  return misused(`--url must be the ${named} URL of the receiver, without a query.`);
}

/** The next port is that of the forger's server. */
function issuerPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port < 65_535)) misused('--issuer-port must be a number from 0 to 65534.');
  return port;
}

function milliseconds(name: string, text: string): number {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (!(seconds > 0)) misused(`${name} must be a number of seconds above 0.`);
  return seconds * 1000;
}
