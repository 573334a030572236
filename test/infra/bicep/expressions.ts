import type { Cursor } from './cursor.ts';
import type { Expression, ObjectSyntax, Property, Statement } from './syntax.ts';

/** From the loosest to the tightest. */
const OPERATORS = [
  ['??'],
  ['||'],
  ['&&'],
  ['==', '!=', '=~', '!~'],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** @param nested reads a resource within a resource */
export function expressionsOf(cursor: Cursor, nested: () => Statement | undefined) {
  return { expression, body, string };

  function expression(): Expression {
    const condition = operation(0);
    const { at } = condition;
    if (!cursor.tries(() => (cursor.lines(), cursor.expects('?'), true))) return condition;
    cursor.lines();
    const yes = expression();
    cursor.lines();
    cursor.expects(':');
    cursor.lines();
    return { kind: 'operation', operator: '?:', operands: [condition, yes, expression()], at };
  }

  function operation(level: number): Expression {
    const operators = OPERATORS[level];
    if (!operators) return unary();
    let left = operation(level + 1);
    for (;;) {
      const operator = operators.find((one) => cursor.takes(one));
      if (!operator) return left;
      cursor.lines();
      left = { kind: 'operation', operator, operands: [left, operation(level + 1)], at: left.at };
    }
  }

  function unary(): Expression {
    cursor.blanks();
    const at = cursor.at();
    const operator = ['!', '-'].find((one) => cursor.takes(one));
    return operator ? { kind: 'operation', operator, operands: [unary()], at } : access();
  }

  function access(): Expression {
    let of = primary();
    for (;;) {
      const { at } = of;
      // `x!` says that x is there; it changes nothing else.
      if (cursor.match(/!(?=[.[])/) !== undefined) continue;
      if (cursor.match(/::|\.\?|\./) !== undefined)
        of = { kind: 'member', of, name: cursor.identifier(), at };
      else if (cursor.match(/\[\??/) !== undefined) {
        of = { kind: 'index', of, index: expression(), at };
        cursor.expects(']');
      } else if (cursor.match(/\(/) !== undefined) of = { kind: 'call', of, arguments: list(')'), at };
      else return of;
    }
  }

  function primary(): Expression {
    cursor.blanks();
    const at = cursor.at();
    const lambda = cursor.tries(() => lambdaHead());
    if (lambda) return { kind: 'lambda', parameters: lambda, body: expression(), at };
    if (cursor.takes('(')) {
      cursor.lines();
      const inner = expression();
      cursor.lines();
      cursor.expects(')');
      return inner;
    }
    if (cursor.takes('[')) return list_or_loop(at);
    if (cursor.takes('{')) return object(at);
    const number = cursor.match(/\d+/);
    if (number !== undefined) return { kind: 'literal', value: Number(number), at };
    if (cursor.match(/(?=')/) !== undefined) return string();
    const name = cursor.identifier();
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', at };
    return name === 'null' ? { kind: 'literal', value: null, at } : { kind: 'name', name, at };
  }

  function lambdaHead(): string[] {
    const names: string[] = [];
    if (cursor.takes('(')) {
      do names.push(cursor.identifier());
      while (cursor.takes(','));
      cursor.expects(')');
    } else names.push(cursor.identifier());
    cursor.expects('=>');
    return names;
  }

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

  function list_or_loop(at: number): Expression {
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
    const computed = cursor.match(/(?=')/) === undefined ? undefined : string();
    const plain = computed?.kind === 'string' && computed.parts.every((part) => typeof part === 'string');
    const key = computed ? (plain ? computed.parts.join('') : undefined) : cursor.identifier();
    cursor.expects(':');
    cursor.lines();
    return { key, ...(computed && !plain && { computed }), value: expression(), at };
  }

  function string(): Expression {
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
}
