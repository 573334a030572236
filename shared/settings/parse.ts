import { isRange } from '../verification/source-address.ts';

const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** 1st, 2nd, 3rd, 4th: which of several values is meant, where the value itself may be a secret in the wrong place. */
export const ordinal = (position: number) => `${position}${endings[rules.select(position)] ?? 'th'}`;

/*
 * Parsers for the text of a setting. Each throws an Error whose message completes "<name> …" and says how to mend it. None
 * repeats the text: it may be a secret that was put in the wrong place.
 */

export function list<Value>(parse: (text: string) => Value) {
  return (text: string): readonly Value[] =>
    text.split(',').map((element, index) => {
      try {
        return parse(element.trim());
      } catch (thrown) {
        return fault(`cannot be used: its ${ordinal(index + 1)} element ${(thrown as Error).message}`);
      }
    });
}

/** One of several values that are separated by commas. */
export function listed(text: string): string {
  if (text === '') throw new Error('is empty: separate the values by single commas');
  if (/\s/.test(text)) throw new Error('holds white space: separate several by commas');
  return text;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function guid(text: string): string {
  if (!GUID.test(text)) throw new Error('must be a GUID');
  return text.toLowerCase();
}

export function secretName(text: string): string {
  if (!/^[A-Za-z0-9-]{1,127}$/.test(text)) {
    throw new Error('must be the name of a secret (letters, digits and dashes), not the secret itself');
  }
  return text;
}

export function integer(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new Error(`must be a whole number from ${least} to ${most}`);
    return value;
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return (text: string): Choice =>
    choices.find((choice) => choice === text) ?? fault(`must be ${choices.join(' or ')}`);
}

export function range(text: string): string {
  return isRange(text) ? text : fault('is no range in CIDR form such as 203.0.113.0/24');
}

function fault(message: string): never {
  throw new Error(message);
}

/*
 * Parsers for settings that are addresses, as in values.ts. A URL parser takes much that nobody means: white space is cut
 * out, `https:host` and `https:\\host` are read as `https://host`. So what it reads has to look like it, too.
 */

export function url(text: string): string {
  if (!/^https?:\/\/[^\s/?#\\][^\s\\]*$/i.test(text) || !URL.canParse(text))
    fault('must be a URL: https://…');
  return text;
}

/** Text is appended to it, so it must end in its host or its path. */
export function baseUrl(text: string): string {
  if (/[?#@]/.test(url(text))) fault('must be a plain address such as https://calls.example.com');
  return text.replace(/\/+$/, '');
}

/** @param example what the address of such a service looks like */
export function serviceUrl(example: string) {
  return (text: string): string => {
    if (new URL(url(text)).pathname !== '/' || /[?#@]/.test(text)) {
      fault(`must be the address of the service and nothing more, such as ${example}`);
    }
    return text.replace(/\/+$/, '');
  };
}

export function webSocketUrl(text: string): string {
  if (!/^wss?:\/\/[^\s/?#\\][^\s\\]*$/i.test(text) || !URL.canParse(text)) fault('must be a URL: wss://…');
  return text;
}

/** With a port where it is not the usual one, as the tools for running locally have it. */
export function hostName(text: string): string {
  const [, name = '', port = '0'] = /^([a-z\d-]+(?:\.[a-z\d-]+)*)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (name === '' || Number(port) > 65_535) fault('must be a host name such as ringward.azurewebsites.net');
  return text;
}
