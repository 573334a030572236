import type { Cursor } from './cursor.ts';
import { stringOf } from './strings.ts';
import type { Expression, ObjectSyntax, Property, Statement } from './syntax.ts';

/**
 * Arrays, loops, objects, and what resources and modules are.
 *
 * @param nested reads a resource within a resource
 */
export function collectionsOf(
  cursor: Cursor,
  expression: () => Expression,
  nested: () => Statement | undefined,
) {
  return { list, arrayOrLoop, object, body };

  function list(end: ')' | ']'): Expression[] {
    const items: Expression[] = [];
    for (cursor.lines(); !cursor.takes(end);) {
      items.push(expression());
      const comma = cursor.takes(',');
      // Arguments are parted by commas; elements by commas or lines.
      const line = cursor.lines();
      if (cursor.takes(end)) return items;
      if (!comma && !(line && end === ']')) cursor.fail(`expected , or ${end}`);
    }
    return items;
  }

  function arrayOrLoop(at: number): Expression {
    cursor.lines();
    if (cursor.word() !== 'for') return { kind: 'array', items: list(']'), at };
    cursor.identifier();
    const variables = cursor.takes('(')
      ? [cursor.identifier(), (cursor.expects(','), cursor.identifier())]
      : [];
    if (variables.length > 0) cursor.expects(')');
    else variables.push(cursor.identifier());
    if (cursor.identifier() !== 'in') cursor.fail('expected in');
    const of = expression();
    cursor.expects(':');
    const inner = body();
    cursor.lines();
    cursor.expects(']');
    return { kind: 'for', variables, of, body: inner, at };
  }

  /** What a resource or module is: an object, one on a condition, or one for each of many. */
  function body(): Expression {
    if (cursor.word() !== 'if') return expression();
    const at = cursor.at();
    cursor.identifier();
    cursor.expects('(');
    cursor.lines();
    const condition = expression();
    cursor.lines();
    cursor.expects(')');
    return { kind: 'if', condition, body: expression(), at };
  }

  function object(at: number): ObjectSyntax {
    const properties: Property[] = [];
    const resources: Statement[] = [];
    for (cursor.lines(); !cursor.takes('}');) {
      const resource = nested();
      if (resource) resources.push(resource);
      else properties.push(property());
      const parted = cursor.takes(',');
      if (!cursor.lines() && !parted) {
        cursor.expects('}');
        break;
      }
    }
    const keys = properties.flatMap(({ key }) => key ?? []);
    const twice = keys.find((key, index) => keys.indexOf(key) !== index);
    if (twice) cursor.fail(`${twice} is there twice`);
    return { kind: 'object', properties, resources, at };
  }

  function property(): Property {
    cursor.blanks();
    const at = cursor.at();
    const computed = cursor.match(/(?=')/) === undefined ? undefined : stringOf(cursor, expression);
    const plain = computed?.kind === 'string' && computed.parts.every((part) => typeof part === 'string');
    const key = computed ? (plain ? computed.parts.join('') : undefined) : cursor.identifier();
    cursor.expects(':');
    cursor.lines();
    return { key, ...(computed && !plain && { computed }), value: expression(), at };
  }
}
