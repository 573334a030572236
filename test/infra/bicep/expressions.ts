import type { Cursor } from './cursor.ts';
import { collectionsOf } from './collections.ts';
import { stringOf } from './strings.ts';
import type { Expression, Statement } from './syntax.ts';

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
  const string = () => stringOf(cursor, expression);
  const { list, arrayOrLoop, object, body } = collectionsOf(cursor, expression, nested);
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
    if (cursor.takes('[')) return arrayOrLoop(at);
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
}
