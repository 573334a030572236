import { header, method, unreadable } from '../captured.ts';
import type { Captured } from '../captured.ts';
import { curlOptions } from './curl-options.ts';
import type { CurlOption as Option } from './curl-options.ts';
import { shellWords } from './shell-words.ts';

/**
 * A curl command, as browsers and people write it. It is read and never run.
 * https://curl.se/docs/manpage.html
 *
 * @throws Unreadable
 */
export function curlCommand(bytes: Buffer): Captured {
  const [, ...words] = shellWords(bytes.toString('latin1'));
  const options = curlOptions(words);
  const valuesOf = (...names: readonly string[]) =>
    options.filter(({ name }) => names.includes(name)).map(({ value }) => value);
  const [url, ...others] = valuesOf('url');
  if (url === undefined) unreadable('The command names no URL.');
  if (others.length > 0) unreadable('The command names more than one URL: give one request.');
  const data = options.filter(({ name }) => name.startsWith('data') || name === 'json');
  const given = valuesOf('header').flatMap(headerOf);
  return {
    method: method(valuesOf('request').at(-1) ?? (data.length > 0 ? 'POST' : 'GET'), '-X'),
    // As curl completes it.
    target: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`,
    headers: [...given, ...impliedBy(data, given)],
    body: bodyOf(data),
    notes: [],
  };
}

/** curl takes `Name;` for a header without a value, and `Name:` for one that it shall not send. */
function headerOf(text: string): readonly (readonly [string, string])[] {
  if (text.startsWith('@')) refuseFile('-H @…');
  const [, name = '', mark, value = ''] = /^([^:;]*)(:|;$)([\s\S]*)$/.exec(text) ?? [];
  if (mark === undefined) unreadable('-H takes Name: value.');
  if (mark === ':' && value.trim() === '') return [];
  return [header(name, value, '-H')];
}

function bodyOf(data: readonly Option[]): Buffer {
  const parts = data.map(({ name, value }) => {
    if (name !== 'data-raw' && value.startsWith('@')) refuseFile(`--${name} @…`);
    return value;
  });
  const glue = data.some(({ name }) => name === 'json') ? '' : '&';
  return Buffer.from(parts.join(glue), 'latin1');
}

/** What curl sends of its own accord with a body. */
function impliedBy(data: readonly Option[], given: Captured['headers']): Captured['headers'] {
  if (data.length === 0 || given.some(([name]) => name.toLowerCase() === 'content-type')) return [];
  const isJson = data.some(({ name }) => name === 'json');
  return [['Content-Type', isJson ? 'application/json' : 'application/x-www-form-urlencoded']];
}

function refuseFile(option: string): never {
  return unreadable(
    `${option} names a file, and none is read. Write what it holds in its place, in '…' with --data-raw.`,
  );
}
