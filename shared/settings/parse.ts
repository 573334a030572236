import { isRange } from '../verification/source-address.ts';

const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** 1st, 2nd, 3rd, 4th. Names one of several values by its place: the value itself may be a secret in the wrong place. */
export const ordinal = (position: number) => `${position}${endings[rules.select(position)] ?? 'th'}`;

/*
 * Parsers for the text of a setting. Each throws an Error whose message completes "<name> …" and says what to do. None
 * repeats the text: it may be a secret in the wrong place.
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
 * Addresses. A URL parser is lenient: it removes white space, and reads `https:host` and `https:\\host` as `https://host`.
 * So the text must also look like a URL.
 */

export function url(text: string): string {
  if (!/^https?:\/\/[^\s/?#\\][^\s\\]*$/i.test(text) || !URL.canParse(text))
    fault('must be a URL: https://…');
  return text;
}

/** Paths are appended to it, so it must end in its host or its path. */
export function baseUrl(text: string): string {
  if (/[?#@]/.test(url(text))) fault('must be a plain address such as https://calls.example.com');
  return text.replace(/\/+$/, '');
}

/** @param example an address of such a service */
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

/** With a port if it is not the default one, as tools for running locally write it. */
export function hostName(text: string): string {
  const [, name = '', port = '0'] = /^([a-z\d-]+(?:\.[a-z\d-]+)*)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (name === '' || Number(port) > 65_535) fault('must be a host name such as ringward.azurewebsites.net');
  return text;
}
