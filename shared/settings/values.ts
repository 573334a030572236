import { isRange } from '../verification/source-address.ts';
import { ordinal } from './ordinal.ts';

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

/** An immutable resource id, which the tokens name; the portal shows the ARM path beside it. */
export function resourceId(text: string): string {
  if (!GUID.test(listed(text))) {
    fault(
      'must be an immutable resource id, which is a GUID, and not the ARM path or a name: az communication show --name <name> --resource-group <group> --query immutableResourceId',
    );
  }
  return text;
}

export function armId(text: string): string {
  if (!/^\/subscriptions\/[^/]+\/./i.test(listed(text))) fault('must be an ARM id: /subscriptions/…');
  return text;
}

/** Letters, digits and dashes, since it becomes part of the name of a secret. */
export function vonageProject(text: string): { apiKey: string; applicationId: string | undefined } {
  const [, apiKey, applicationId] = /^([A-Za-z0-9-]{1,64})(?::([A-Za-z0-9-]{1,64}))?$/.exec(text) ?? [];
  if (!apiKey) throw new Error('is neither apiKey nor apiKey:applicationId');
  return { apiKey, applicationId };
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
