import { misused, parseOptions } from '../../local/cli.ts';
import { MAX_PER_SECOND, MAX_COUNT } from '../../local/inspector/actions.ts';
import { LOOPBACK } from '../../local/http/loopback.ts';

export type SendOptions = {
  /** Absent where `forge` says enough, or where only a list is wanted. */
  readonly event: string | undefined;
  readonly forge: string | undefined;
  /** What the fake caller does, such as `press 1`. */
  readonly caller: string | undefined;
  readonly to: string | undefined;
  readonly count: number;
  /** How many a second at most; undefined for as many as go. */
  readonly rate: number | undefined;
  /** Where `npm start` listens; undefined for wherever it says that it does. */
  readonly from: string | undefined;
  /** Whether to sign here, with the development secrets of the settings. */
  readonly secret: boolean;
  readonly settings: string | undefined;
};

export const usage = `npm run send -- [options] [event]
  Without an event and --forge it lists what can be sent.
  --forge <how>      send this forgery
  --caller <action>  instead: what the fake caller of npm start does, such as 'call', 'press 1', 'say sales', 'silent',
                     'hang up', 'transfer fails'; it acts in the newest call that you placed
  --to <url>         to another app than that of npm start, such as http://127.0.0.1:7072; on another machine only if
                     npm start -- --send-to <url> allows it
  --count <number>   how many (1)
  --rate <number>    how many a second at most
  --from <url>       where npm start listens, whose fake services sign: of several in this folder, the last one
  --secret           sign here instead, with the development secrets (SECRET_…) of the environment, for the senders that
                     sign with a shared secret. A secret itself is no option: everybody on this machine could read it in
                     the list of processes
  --settings <file>  the same with those of a local.settings.json
  --help             print this and end
It ends with 0 where every outcome was as expected, 1 where one was not, and 64 where it was not understood.`;

const options = {
  forge: { type: 'string' },
  caller: { type: 'string' },
  to: { type: 'string' },
  count: { type: 'string', default: '1' },
  rate: { type: 'string' },
  from: { type: 'string' },
  secret: { type: 'boolean', default: false },
  settings: { type: 'string' },
} as const;

/** @throws UsageError */
export const sendOptions = (args: readonly string[]): SendOptions =>
  parseOptions(args, { options, usage }, (values, [event, ...others]) => {
    // Not quoted: it may be a secret that was meant for --secret.
    if (others.length > 0) misused('One event at a time, and no secret on the command line.');
    const secret = values.secret || values.settings !== undefined;
    if (secret && values.from !== undefined) {
      misused('--from asks npm start to sign and --secret signs here: choose one.');
    }
    if (values.caller !== undefined && (secret || event !== undefined || values.forge !== undefined)) {
      misused('--caller acts in a call of npm start and sends nothing else: leave the rest out.');
    }
    return {
      event,
      forge: values.forge,
      caller: values.caller,
      to: baseOf('--to', values.to),
      count: wholeNumber('--count', values.count, MAX_COUNT),
      rate: values.rate === undefined ? undefined : wholeNumber('--rate', values.rate, MAX_PER_SECOND),
      from: baseOf('--from', values.from),
      secret,
      settings: values.settings,
    };
  });

function wholeNumber(name: string, text: string, most: number): number {
  const number = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most)) misused(`${name} must be a whole number from 1 to ${most}.`);
  return number;
}

/** Without a slash at its end. What is sent holds keys and tokens, so it goes over http on this machine alone. */
function baseOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!url || !isFit || url.search || url.hash || url.username) {
    return misused(
      `${name} must be the address that paths are added to: https, or http on this machine (http://127.0.0.1:7071).`,
    );
  }
  return url.href.replace(/\/$/, '');
}
