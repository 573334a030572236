import type { CheckShown, Detail } from '../contract.ts';
import { element, icon } from './element.ts';
import { part } from './sections.ts';
import { checkWords, milliseconds } from './format.ts';

/** The checks in their order: where it was stopped, why, and what was not looked at any more. */
export function checksPart({ checks, reason, explained }: Detail): HTMLElement | undefined {
  if (checks.length === 0) return undefined;
  const longest = Math.max(...checks.map(({ milliseconds: took = 0 }) => took), 1);
  return part(
    'Checks',
    element(
      'ol',
      { class: 'checks' },
      ...checks.map((check) => checkItem(check, longest, isStopped(check) ? [reason, explained] : [])),
    ),
  );
}

function isStopped({ outcome }: CheckShown): boolean {
  return outcome === 'rejected' || outcome === 'unavailable';
}

function checkItem(
  { name, outcome, milliseconds: took }: CheckShown,
  longest: number,
  [reason, explained]: readonly (string | undefined)[],
): HTMLElement {
  const { word, sign } = checkWords[outcome];
  return element(
    'li',
    { class: `check ${outcome}`, 'data-check': name, 'data-outcome': outcome },
    element('span', { class: 'sign' }, icon(sign)),
    element('span', { class: 'name' }, name.replaceAll('-', ' ')),
    element('span', { class: 'word' }, word),
    bar(took, longest),
    element('span', { class: 'took' }, took === undefined ? '' : `${milliseconds(took)} ms`),
    reason !== undefined &&
      element(
        'p',
        { class: 'why' },
        element('code', {}, reason),
        explained !== undefined && element('span', {}, ` ${explained}`),
      ),
  );
}

/** How long it took beside the longest. */
export function bar(took: number | undefined, longest: number): HTMLElement {
  const fill = element('span', {});
  fill.style.width = `${Math.min(100, ((took ?? 0) / longest) * 100)}%`;
  return element('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
}

/** The stages after the checks. */
export function stagesPart({ stages }: Detail): HTMLElement | undefined {
  const entries = Object.entries(stages);
  if (entries.length === 0) return undefined;
  const longest = Math.max(...entries.map(([, took]) => took), 1);
  return part(
    'Stages',
    element(
      'ol',
      { class: 'checks stages' },
      ...entries.map(([name, took]) =>
        element(
          'li',
          { class: 'check' },
          element('span', { class: 'name' }, name),
          bar(took, longest),
          element('span', { class: 'took' }, `${milliseconds(took)} ms`),
        ),
      ),
    ),
  );
}
