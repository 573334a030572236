import { unreadable } from '../captured.ts';
import { ansiQuoted } from './ansi-quoted.ts';

/** Neither white space nor anything that means something to a shell. Beyond ASCII are the bytes of UTF-8. */
const PLAIN = /[^ \t\r\n'"\\;|&<>()`$]+/y;

/**
 * The words of one command, as bash reads them: '…', "…", $'…', and a backslash before a character or at the end of a line.
 * Nothing is filled in, looked up or run: a command that needs a shell for more than its words is not taken.
 *
 * @param text one character a byte; so are the words
 * @throws Unreadable
 */
export function shellWords(text: string): readonly string[] {
  const words: string[] = [];
  const end = text.search(/[ \t\r\n]*$/);
  let word: string | undefined;
  for (let at = 0; at < end;) {
    if (text[at] === ' ' || text[at] === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    const { part, next } = partAt(text, at);
    if (part !== undefined) word = (word ?? '') + part;
    at = next;
  }
  return word === undefined ? words : [...words, word];
}

/** What comes next of a word, and where it ends; no part of any word where a line goes on in the next. */
function partAt(text: string, at: number): { readonly part?: string; readonly next: number } {
  PLAIN.lastIndex = at;
  const [plain] = PLAIN.exec(text) ?? [];
  if (plain !== undefined) return { part: plain, next: at + plain.length };
  if (text[at] === "'") {
    const close = text.indexOf("'", at + 1);
    return close === -1 ? unclosed("'") : { part: text.slice(at + 1, close), next: close + 1 };
  }
  if (text[at] === '"') {
    const close = closing(text, '"', at + 1);
    return { part: doubleQuoted(text.slice(at + 1, close)), next: close + 1 };
  }
  if (text.startsWith("$'", at)) {
    const close = closing(text, "'", at + 2);
    return { part: ansiQuoted(text.slice(at + 2, close)), next: close + 1 };
  }
  if (text[at] !== '\\') return refuseShell(text.slice(at, at + 16));
  if (text[at + 1] === '\n') return { next: at + 2 };
  if (text.startsWith('\\\r\n', at)) return { next: at + 3 };
  const escaped = text[at + 1] ?? unreadable('The command ends in a backslash: is all of it there?');
  return { part: escaped, next: at + 2 };
}

/** Where a quote ends in which a backslash takes the character behind it along. */
function closing(text: string, quote: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return unclosed(quote);
}

const doubleQuoted = (inside: string) =>
  inside.replaceAll(/\\([$`"\\\n])|[$`]/g, (all: string, escaped: string | undefined) => {
    if (escaped === undefined) return refuseShell(all);
    return escaped === '\n' ? '' : escaped;
  });

const unclosed = (quote: string) => unreadable(`A ${quote} is never closed: is all of the command there?`);

/** Not quoted but for its first character: what follows may be part of a secret. */
const refuseShell = (what: string) =>
  unreadable(
    `A shell would have to do something about ${JSON.stringify(what.slice(0, 1))}, and none is asked. Give one command and nothing else, on one line or with a backslash at the end of each line, and every value in '…'. (Copied for the Windows command line? Copy it for bash.)`,
  );
