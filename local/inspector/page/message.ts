import type { Detail, Header } from '../contract.ts';
import { element } from './element.ts';
import { cappedText, foldedJson } from './folded-json.ts';
import { folding } from './sections.ts';
import { clockTime, count } from './format.ts';

/** The headers as they came, what is secret in them masked. */
export function headersPart({ request }: Detail): HTMLElement {
  const masked = request.headers.filter((header) => header.masked).length;
  return folding(
    'Headers',
    `${request.headers.length}${masked > 0 ? `, ${masked} masked` : ''}`,
    true,
    headerTable(request.headers, 'Headers of the request'),
  );
}

/** The body, folded where it is JSON, and as it came. */
export function bodyPart({ request }: Detail): HTMLElement | undefined {
  const { body, bytes, cut } = request;
  if (bytes === 0) return undefined;
  const size = `${count(bytes, 'byte')}${cut ? ', not kept whole' : ''}`;
  if (body === undefined)
    return folding('Body', size, true, note(cut ? 'It is no longer kept.' : 'It is no text in UTF-8.'));
  const json = jsonOf(body);
  const raw = element('pre', { class: 'raw', tabindex: '0' }, cappedText(body, 'text'));
  if (!json) return folding('Body', `${size}, not JSON`, true, raw);
  return folding(
    'Body',
    size,
    true,
    foldedJson(json.value),
    element('details', { class: 'inner' }, element('summary', {}, 'As it came'), raw),
  );
}

export function replyPart({ reply, status }: Detail): HTMLElement | undefined {
  if (!reply) return undefined;
  return folding(
    'Reply',
    `status ${status ?? ''}`,
    false,
    headerTable(reply.headers, 'Headers of the reply'),
    reply.body
      ? element('pre', { class: 'raw', tabindex: '0' }, cappedText(reply.body, 'text'))
      : note('No body.'),
  );
}

/** The logs of the handler and of the app. */
export function logsPart({ logs }: Detail): HTMLElement | undefined {
  if (logs.length === 0) return undefined;
  return folding(
    'Log',
    count(logs.length, 'line'),
    true,
    element(
      'ol',
      { class: 'logs' },
      ...logs.map(({ at, level, message }) =>
        element(
          'li',
          {},
          element('time', {}, clockTime(at)),
          element('span', { class: `level ${level}` }, level),
          cappedText(message, 'message'),
        ),
      ),
    ),
  );
}

function headerTable(headers: readonly Header[], label: string): HTMLElement {
  return element(
    'table',
    { class: 'pairs', 'aria-label': label },
    element(
      'tbody',
      {},
      ...headers.map(({ name, value, masked }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, element('bdi', {}, name)),
          element(
            'td',
            {},
            cappedText(value, 'text'),
            masked && element('span', { class: 'mask' }, 'masked'),
          ),
        ),
      ),
    ),
  );
}

/** Wrapped, since `null` is JSON too. */
export function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export function note(text: string): HTMLElement {
  return element('p', { class: 'muted' }, text);
}
