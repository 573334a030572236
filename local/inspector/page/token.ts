import type { Detail } from '../contract.ts';
import { element } from './element.ts';
import { cappedText } from './folded-json.ts';
import { folding } from './sections.ts';
import { span } from './format.ts';

/** Claims that are seconds since the epoch (RFC 7519, section 4.1; `acr` and others are not among them). */
const times = new Set(['exp', 'iat', 'nbf']);

/** The token as it was sent, verified or not. */
export function tokenPart({ token, at }: Detail): HTMLElement | undefined {
  if (!token) return undefined;
  return folding(
    'Token',
    'as it was sent, without its signature',
    true,
    pairs('Header of the token', token.header, at),
    pairs('Claims of the token', token.claims, at),
  );
}

function pairs(caption: string, members: Readonly<Record<string, unknown>>, at: number): HTMLElement {
  return element(
    'table',
    { class: 'pairs' },
    element('caption', {}, caption),
    element(
      'tbody',
      {},
      ...Object.entries(members).map(([name, value]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, element('bdi', {}, name)),
          element(
            'td',
            {},
            cappedText(typeof value === 'string' ? value : JSON.stringify(value), 'text'),
            times.has(name) && typeof value === 'number' && readable(value, at),
          ),
        ),
      ),
    ),
  );
}

/** A readable time, and its distance from the arrival. */
function readable(seconds: number, at: number): HTMLElement {
  const date = new Date(seconds * 1000);
  const arrived = Math.round(at / 1000);
  if (Number.isNaN(date.getTime())) return element('span', { class: 'aside' }, 'no date');
  const away = Math.round(seconds - arrived);
  const relative = away === 0 ? 'as it came' : `${span(away)} ${away < 0 ? 'before' : 'after'} it came`;
  const iso = date.toISOString();
  return element(
    'span',
    { class: 'aside' },
    element('time', { datetime: iso }, iso.replace('T', ' ').replace(/\.000Z$/, ' UTC')),
    `, ${relative}`,
  );
}
