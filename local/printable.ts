/**
 * Controls (a terminal obeys them), and what turns the direction of text around or cannot be seen: U+200B to U+200F, U+2028
 * to U+202E, U+2060 to U+206F, U+FEFF, halves of surrogate pairs.
 */
const UNSAFE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Text of somebody else's, as it may stand on a terminal: what is unsafe there is spelled out, as `\u{1b}`. */
export function printable(text: string, longest = 200): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replaceAll(UNSAFE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same of what is written in lines. */
export const printableLines = (text: string, longest: number): string =>
  text
    .split('\n')
    .map((line) => printable(line, longest))
    .join('\n');
