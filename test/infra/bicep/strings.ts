import type { Cursor } from './cursor.ts';
import type { Expression } from './syntax.ts';

/** A string, with what stands in its holes. */
export function stringOf(cursor: Cursor, expression: () => Expression): Expression {
  const at = cursor.at();
  if (cursor.match(/'''/) !== undefined) {
    const text = cursor.match(/[^]*?'''/) ?? cursor.fail('a string has no end');
    return { kind: 'string', parts: [text.slice(0, -3)], at };
  }
  cursor.expects("'");
  const parts: (string | Expression)[] = [];
  for (;;) {
    const text = cursor.match(/(?:[^'\\$\n]|\\[nrt'\\$]|\\u\{[\da-fA-F]+\}|\$(?!\{))+/);
    if (text !== undefined) parts.push(text.replaceAll(/\\(.)/g, '$1'));
    else if (cursor.match(/\$\{/) !== undefined) {
      parts.push(expression());
      cursor.expects('}');
    } else if (cursor.match(/'/) !== undefined) return { kind: 'string', parts, at };
    else cursor.fail('a string has no end, or an escape that there is not');
  }
}
