import { unreadable } from '../captured.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** Browsers write a character beyond U+FFFF as the two halves that JavaScript has of it, so the halves come first. */
const ESCAPE =
  /\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|([\s\S]))/g;

/**
 * What stands in `$'…'`, as bash reads it.
 * https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
 *
 * @param inside one character a byte; so is what comes out
 * @throws Unreadable
 */
export function ansiQuoted(inside: string): string {
  return inside.replaceAll(ESCAPE, (...groups: (string | undefined)[]) => {
    const [all = '', octal, hex, high, low, short, long, simple] = groups;
    if (octal !== undefined) return byte(Number.parseInt(octal, 8), all);
    if (hex !== undefined) return byte(Number.parseInt(hex, 16), all);
    if (high !== undefined && low !== undefined) {
      return utf8(Buffer.from(`${high}${low}`, 'hex').swap16().toString('utf16le'));
    }
    if (simple !== undefined) return SIMPLE[simple] ?? refuse(all);
    const codePoint = Number.parseInt(short ?? long ?? '', 16);
    const isHalf = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return codePoint === 0 || isHalf || codePoint > 0x10ffff
      ? refuse(all)
      : utf8(String.fromCodePoint(codePoint));
  });
}

/** A shell cannot pass on a NUL. */
const byte = (code: number, all: string) =>
  code === 0 || code > 0xff ? refuse(all) : String.fromCharCode(code);
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const refuse = (escape: string) =>
  unreadable(
    `${escape} means nothing in $'…'. Copy the command again, or give the request as an HTTP message.`,
  );
