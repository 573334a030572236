import type { CallerAction, ReplayAction, SendAction } from './contract.ts';

/** Requests of one action. */
export const MAX_COUNT = 100_000;
export const MAX_PER_SECOND = 10_000;

const isText = (value: unknown) => value === undefined || typeof value === 'string';
const isNumber = (value: unknown, from: number, to: number) =>
  value === undefined || (typeof value === 'number' && value >= from && value <= to);

/** Returns `undefined` where it is malformed. */
export function sendAction(given: object): SendAction | undefined {
  const { event, forge, to, count, rate } = given as Record<string, unknown>;
  const isOne =
    [event, forge, to].every(isText) &&
    isNumber(count, 1, MAX_COUNT) &&
    (count === undefined || Number.isInteger(count)) &&
    isNumber(rate, 0.01, MAX_PER_SECOND) &&
    (event !== undefined || forge !== undefined);
  return isOne ? (given as SendAction) : undefined;
}

const HOWS: readonly unknown[] = ['as-it-was', 'signed-anew', 'as-a-new-event'];

/** Returns `undefined` where it is malformed. */
export function replayAction(given: object): ReplayAction | undefined {
  const { id, how, body } = given as Record<string, unknown>;
  const isOne =
    Number.isSafeInteger(id) &&
    HOWS.includes(how) &&
    (how === 'as-it-was' ? body === undefined : isText(body));
  return isOne ? (given as ReplayAction) : undefined;
}

const MAX_CALLER_ACTION_LENGTH = 1000;

/** Returns `undefined` where it is malformed. */
export function callerAction(given: object): CallerAction | undefined {
  const { act, by, call } = given as Record<string, unknown>;
  const isOne =
    typeof act === 'string' &&
    act.length <= MAX_CALLER_ACTION_LENGTH &&
    (by === 'page' || by === 'send') &&
    isText(call);
  return isOne ? (given as CallerAction) : undefined;
}
