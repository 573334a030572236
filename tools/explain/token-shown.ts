import { redact } from '../../shared/telemetry/redact.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';
import { numberOfDigits } from '../../shared/verification/claims.ts';
import { bearerToken, parseCompactJws } from '../../shared/verification/jwt.ts';
import { isUnset } from '../../shared/verification/strict-json.ts';
import type { JsonObject } from '../../shared/verification/strict-json.ts';
import { printable } from '../../local/printable.ts';

/** Claims whose value identifies the issuer or the audience. Of all others only the name is shown. */
const SHOWN = [
  'iss',
  'aud',
  'tid',
  'appid',
  'azp',
  'roles',
  'ver',
  'api_key',
  'application_id',
  'payload_hash',
  'sha256',
];
const TIMES = ['iat', 'nbf', 'exp'];
const MOST_OTHERS = 20;

export type TokenShown = {
  /** Names and values, safe for a terminal. */
  readonly lines: readonly (readonly [string, string])[];
  /** Its `iat`, in seconds since the epoch. */
  readonly issued: number | undefined;
};

/**
 * The content of the token of a request, verified or not; `undefined` where the request has no readable token.
 *
 * @param now seconds since the epoch; times are shown relative to it
 */
export function tokenShown({ headers }: ReceivedRequest, now: number): TokenShown | undefined {
  try {
    const { header, claims } = parseCompactJws(textIn(headers));
    const others = Object.keys(claims).filter((name) => ![...SHOWN, ...TIMES].includes(name));
    const iat = numberOfDigits(claims['iat']);
    return {
      lines: [
        ...shown(header, ['alg', 'kid']),
        ...shown(claims, SHOWN),
        ...times(claims, now),
        ...(others.length > 0 ? [['others', namesOf(others)] as const] : []),
      ],
      issued: typeof iat === 'number' && isDate(iat) ? iat : undefined,
    };
  } catch {
    return undefined;
  }
}

/** Some senders write it without a scheme. */
const textIn = (headers: ReceivedRequest['headers']) =>
  bearerToken(headers, ['authorization', 'authentication'], { isSchemeOptional: true });

const shown = (part: JsonObject, names: readonly string[]) =>
  names
    .filter((name) => Object.hasOwn(part, name))
    .map((name) => [name, printable(redact(textOf(part[name])))] as const);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function times(claims: JsonObject, now: number): readonly (readonly [string, string])[] {
  return TIMES.filter((name) => Object.hasOwn(claims, name)).map((name) => {
    const value = name === 'iat' ? numberOfDigits(claims[name]) : claims[name];
    if (typeof value === 'number' && isDate(value)) return [name, timeShown(value, now)];
    const meaning = isUnset(value) && name !== 'exp' ? 'counts as absent' : 'is no time';
    return [name, `${printable(redact(textOf(value)))}, which ${meaning}`];
  });
}

const namesOf = (names: readonly string[]) => {
  const some = names.slice(0, MOST_OTHERS).map((name) => printable(redact(name), 40));
  const left = names.length - some.length;
  return `${some.join(', ')}${left > 0 ? ` and ${left} more` : ''} (values not shown)`;
};

/** Whether a `Date` can represent it. */
export const isDate = (seconds: number) => Math.abs(seconds) <= 8.64e12;

/** Such as `2026-11-24T01:00:00Z, 5 min ago`. Both in seconds since the epoch. */
export function timeShown(seconds: number, now: number): string {
  const date = new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const apart = Math.round(Math.abs(seconds - now));
  if (apart === 0) return `${date}, just then`;
  const [unit, length] = (
    [
      ['d', 86_400],
      ['h', 3600],
      ['min', 60],
    ] as const
  ).find(([, size]) => apart >= 2 * size) ?? ['s', 1];
  const distance = `${Math.round(apart / length)} ${unit}`;
  return `${date}, ${seconds > now ? `in ${distance}` : `${distance} ago`}`;
}
