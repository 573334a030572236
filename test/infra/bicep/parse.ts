import { cursorOf } from './cursor.ts';
import { expressionsOf } from './expressions.ts';
import type { Decorator, Statement, TypeSyntax } from './syntax.ts';

/**
 * Reads a file of Bicep: the part of the language that infra/ uses, and nothing beyond it (no compiler of Bicep comes as a
 * package). What it does not know it refuses.
 *
 * @throws BicepError
 */
export function parse(source: string): readonly Statement[] {
  const cursor = cursorOf(source);
  const { expression, body, string } = expressionsOf(cursor, nestedResource);
  const statements: Statement[] = [];
  for (cursor.lines(); !cursor.isAtEnd();) {
    statements.push(statement());
    if (!cursor.lines() && !cursor.isAtEnd()) cursor.fail('expected the end of the line');
  }
  return statements;

  function nestedResource(): Statement | undefined {
    const isOne = cursor.tries(() => {
      const before = decorators();
      if (cursor.word() !== 'resource') return cursor.fail('no resource');
      return { decorators: before, ...declaration('resource') };
    });
    return isOne;
  }

  function decorators(): Decorator[] {
    const found: Decorator[] = [];
    while (cursor.takes('@')) {
      const call = expression();
      if (call.kind !== 'call' || call.of.kind !== 'name') return cursor.fail('expected a decorator');
      found.push({ name: call.of.name, arguments: call.arguments });
      if (!cursor.lines()) cursor.fail('expected the end of the line');
    }
    return found;
  }

  function statement(): Statement {
    const before = decorators();
    const keyword = cursor.word();
    switch (keyword) {
      case 'targetScope':
      case 'param':
      case 'var':
      case 'type':
      case 'resource':
      case 'module':
      case 'output':
      case 'import':
      case 'extension':
        return { decorators: before, ...declaration(keyword) };
      default:
        return cursor.fail('expected a declaration');
    }
  }

  function declaration(keyword: Statement['keyword']): Omit<Statement, 'decorators'> {
    const at = cursor.at();
    cursor.identifier();
    if (keyword === 'import') return { keyword, at, ...importClause() };
    if (keyword === 'targetScope') return { keyword, at, names: [], ...value(expression) };
    const names = [cursor.identifier()];
    if (keyword === 'extension') return { keyword, at, names };
    if (keyword === 'var') return { keyword, at, names, ...value(expression) };
    if (keyword === 'type') {
      cursor.expects('=');
      return { keyword, at, names, type: type() };
    }
    if (keyword === 'resource' || keyword === 'module') {
      const source = plainString();
      const existing = cursor.word() === 'existing' && cursor.identifier() === 'existing';
      return { keyword, at, names, source, existing, ...value(body) };
    }
    const declared = type();
    const hasValue = keyword === 'output' || cursor.tries(() => (cursor.expects('='), true));
    if (!hasValue) return { keyword, at, names, type: declared };
    return {
      keyword,
      at,
      names,
      type: declared,
      ...(keyword === 'output' ? value(expression) : { value: expression() }),
    };
  }

  function value(read: typeof expression) {
    cursor.expects('=');
    return { value: read() };
  }

  function importClause() {
    const names: string[] = [];
    cursor.expects('{');
    do names.push(cursor.identifier());
    while (cursor.takes(','));
    cursor.expects('}');
    if (cursor.identifier() !== 'from') cursor.fail('expected from');
    return { names, source: plainString() };
  }

  function plainString(): string {
    cursor.blanks();
    const text = string();
    if (text.kind !== 'string' || text.parts.some((part) => typeof part !== 'string')) {
      return cursor.fail('expected a plain string');
    }
    return text.parts.join('');
  }

  function type(): TypeSyntax {
    cursor.blanks();
    if (!cursor.takes('{')) {
      const text = cursor.match(/(?:[A-Za-z]\w*|'[^'\n]*')(?:\[\]|\?)*(?: \| '[^'\n]*')*/);
      return { text: text ?? cursor.fail('expected a type'), properties: [] };
    }
    const properties = [];
    for (cursor.lines(); !cursor.takes('}');) {
      const before = decorators();
      const name = cursor.identifier();
      cursor.expects(':');
      type();
      properties.push({ name, decorators: before });
      if (!cursor.lines()) cursor.fail('expected the end of the line');
    }
    return { text: 'object', properties };
  }
}
