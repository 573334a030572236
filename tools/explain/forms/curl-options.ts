import { unreadable } from '../captured.ts';

/** Options that change nothing about what is asked here. */
const IGNORED =
  'compressed silent show-error insecure location include verbose fail fail-with-body globoff no-buffer no-progress-meter http1.0 http1.1 http2 http3 ipv4 ipv6'.split(
    ' ',
  );
/** The same with a value. No check looks at the headers that some of them set. */
const IGNORED_WITH_VALUE =
  'output write-out max-time connect-timeout retry proxy resolve connect-to cacert cert key cookie user-agent referer dump-header'.split(
    ' ',
  );
const HEARD = ['request', 'header', 'data', 'data-ascii', 'data-raw', 'data-binary', 'json', 'url'];

const SHORT: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  s: 'silent',
  S: 'show-error',
  k: 'insecure',
  L: 'location',
  i: 'include',
  v: 'verbose',
  f: 'fail',
  g: 'globoff',
  N: 'no-buffer',
  o: 'output',
  w: 'write-out',
  m: 'max-time',
  x: 'proxy',
  b: 'cookie',
  A: 'user-agent',
  e: 'referer',
  D: 'dump-header',
  E: 'cert',
  '0': 'http1.0',
  '4': 'ipv4',
  '6': 'ipv6',
};

/** A long name without its dashes; `url` for what stands alone. No value where the option takes none. */
export type CurlOption = { readonly name: string; readonly value: string };

/**
 * The options among the words of a curl command.
 *
 * @throws Unreadable for one that may change the request in a way that is not understood here
 */
export function curlOptions(words: readonly string[]): readonly CurlOption[] {
  const options: CurlOption[] = [];
  const left = [...words];
  const valueOf = (option: string) => left.shift() ?? unreadable(`${option} lacks its value.`);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word.startsWith('--')) {
      const name = word.slice(2);
      const takes = takesValue(name, word);
      options.push({ name, value: takes ? valueOf(word) : '' });
    } else if (word.startsWith('-') && word !== '-') options.push(...shortOptions(word.slice(1), valueOf));
    else options.push({ name: 'url', value: word });
  }
  return options;
}

/** Several letters may share a dash, and the last of them have its value right behind it. */
function shortOptions(letters: string, valueOf: (option: string) => string): readonly CurlOption[] {
  const [letter = '', rest] = [letters[0], letters.slice(1)];
  const name = SHORT[letter] ?? refused(`-${letter}`);
  if (takesValue(name, `-${letter}`)) return [{ name, value: rest === '' ? valueOf(`-${letter}`) : rest }];
  return [{ name, value: '' }, ...(rest === '' ? [] : shortOptions(rest, valueOf))];
}

function takesValue(name: string, written: string): boolean {
  if (IGNORED.includes(name)) return false;
  return HEARD.includes(name) || IGNORED_WITH_VALUE.includes(name) || refused(written);
}

function refused(option: string): never {
  return unreadable(
    `The option ${option.slice(0, 24)} is not understood. Take it out where it changes nothing of the request; else give the request as an HTTP message.`,
  );
}
