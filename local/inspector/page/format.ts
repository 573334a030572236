import type { CheckShown, Summary } from '../contract.ts';
import { element, icon } from './element.ts';

/** `Call Automation`, of `call-automation`. */
export function providerName(provider: string): string {
  if (provider === 'none') return 'No function';
  return provider
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
    .replace('Livekit', 'LiveKit');
}

const states = {
  accepted: 'check',
  failed: 'cross',
  rejected: 'cross',
  unavailable: 'clock',
  none: 'dash',
  pending: 'dots',
} as const;

export type DeliveryState = keyof typeof states;

/** How a delivery ended: its verdict, unless its sender was verified and it failed all the same. */
export function stateOf({ verdict, failed }: Pick<Summary, 'verdict' | 'failed'>): DeliveryState {
  return failed ? 'failed' : (verdict ?? 'pending');
}

/** A word and an icon beside the colour. */
export function stateBadge(summary: Pick<Summary, 'verdict' | 'failed'>): HTMLElement {
  const state = stateOf(summary);
  return element(
    'span',
    { class: `badge ${state}` },
    icon(states[state]),
    state === 'none' ? 'not asked' : state,
  );
}

export const checkWords: Readonly<
  Record<
    CheckShown['outcome'],
    { readonly word: string; readonly sign: 'check' | 'cross' | 'clock' | 'dash' }
  >
> = {
  accepted: { word: 'passed', sign: 'check' },
  rejected: { word: 'failed', sign: 'cross' },
  unavailable: { word: 'could not tell', sign: 'clock' },
  'not-reached': { word: 'not reached', sign: 'dash' },
};

/** `14:03:22.417`, in the time of this machine. */
export function clockTime(at: number): string {
  const date = new Date(at);
  const part = (value: number, digits = 2) => String(value).padStart(digits, '0');
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}

export function timeElement(at: number): HTMLTimeElement {
  return element('time', { datetime: new Date(at).toISOString() }, clockTime(at));
}

export function milliseconds(value: number | undefined): string {
  if (value === undefined) return '';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/** `840 ms` or `3.5 s`, of a number of milliseconds. */
export function lasting(duration: number): string {
  return duration < 1000 ? `${milliseconds(duration)} ms` : `${(duration / 1000).toFixed(1)} s`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** `5 minutes`, of a number of seconds. */
export function span(seconds: number): string {
  const size = Math.abs(seconds);
  for (const [name, length] of spans) if (size >= length) return count(Math.round(size / length), name);
  return count(Math.round(size), 'second');
}

/** The last part of a dotted type, since a narrow column cuts off its end. */
export function shortType(type: string): string {
  return type.replace(/^(?:\w+\.)+(?=\w)/, '');
}

/** `token-algorithm`, or the outcomes of its events. */
export function reasonOf({ reason, outcomes }: Pick<Summary, 'reason' | 'outcomes'>): string {
  return reason ?? outcomes?.join(', ') ?? '';
}
