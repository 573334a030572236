/** A stored secret without the one line break that files and pipes add at its end. Everything else belongs to it. */
export const withoutLineBreak = (text: string): string => text.replace(/\r?\n$/, '');

const BYTE_ORDER_MARK = '\uFEFF';
/** Control and format characters, such as line breaks, NUL and zero-width characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}]/u;
const QUOTED = /^(".*"|'.*'|`.*`|“.*”|‘.*’|«.*»)$/su;

/**
 * What a secret has that its owner probably did not mean, such as `white space around it`; `undefined` where it has
 * nothing of that kind. Says nothing else about the secret.
 */
export function strayCharacters(secret: string): string | undefined {
  const hasMark = secret.startsWith(BYTE_ORDER_MARK);
  const text = hasMark ? secret.slice(BYTE_ORDER_MARK.length) : secret;
  const inner = text.trim();
  const found = [
    ...(hasMark ? ['a byte order mark before it'] : []),
    ...(inner !== text ? ['white space around it'] : []),
    ...(INVISIBLE.test(inner) ? ['invisible characters in it'] : []),
    ...(QUOTED.test(inner) ? ['quotation marks around it'] : []),
  ];
  return found.length > 0 ? found.join(', ') : undefined;
}
