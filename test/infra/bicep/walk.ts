import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from './parse.ts';
import type { Expression, ObjectSyntax, Statement } from './syntax.ts';

export const infra = join(import.meta.dirname, '..', '..', '..', 'infra');

export type File = {
  readonly path: string;
  readonly source: string;
  readonly statements: readonly Statement[];
};

/** Every file of Bicep in a folder, parsed. Paths are relative to it. */
export function bicepFiles(folder = infra): readonly File[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.bicep'),
  );
  return paths.toSorted().map((path) => {
    const source = readFileSync(join(folder, path), 'utf8');
    return { path: path.replaceAll('\\', '/'), source, statements: parse(source) };
  });
}

/** What is directly inside an expression; resources within a resource are not. */
export function parts(of: Expression): readonly Expression[] {
  switch (of.kind) {
    case 'string':
      return of.parts.filter((part) => typeof part !== 'string');
    case 'array':
      return of.items;
    case 'object':
      return of.properties.flatMap(({ computed, value }) => (computed ? [computed, value] : [value]));
    case 'call':
      return [of.of, ...of.arguments];
    case 'member':
      return [of.of];
    case 'index':
      return [of.of, of.index];
    case 'operation':
      return of.operands;
    case 'lambda':
      return [of.body];
    case 'for':
      return [of.of, of.body];
    case 'if':
      return [of.condition, of.body];
    default:
      return [];
  }
}

/** An expression and everything in it, resources within a resource included. */
export function* everything(of: Expression): Generator<Expression> {
  yield of;
  for (const part of parts(of)) yield* everything(part);
  if (of.kind !== 'object') return;
  for (const { value } of of.resources) if (value) yield* everything(value);
}

export type Resource = {
  readonly file: string;
  readonly name: string;
  /** With its API version. */
  readonly type: string;
  readonly existing: boolean;
  readonly body: ObjectSyntax;
};

/** Every resource of a file, those within others too, under its full type. */
export function resourcesOf({ path, statements }: File): readonly Resource[] {
  return statements.flatMap((statement) => (statement.keyword === 'resource' ? within(statement) : []));

  function within({ names, source = '', existing = false, value }: Statement, parent?: string): Resource[] {
    const [outer = '', version] = parent?.split('@') ?? [];
    const type = parent ? `${outer}/${source}@${version}` : source;
    const body = value && bodyOf(value);
    if (!body) throw new Error(`${path}: ${names[0]} has no body`);
    const self = { file: path, name: names[0]!, type, existing, body };
    return [self, ...body.resources.flatMap((inner) => within(inner, type))];
  }
}

/** The object that a resource or module is, whatever the condition or loop around it. */
export function bodyOf(value: Expression): ObjectSyntax | undefined {
  if (value.kind === 'if' || value.kind === 'for') return bodyOf(value.body);
  return value.kind === 'object' ? value : undefined;
}

/** What a property may be: a variable is what it was set to, a condition is either. */
function alternatives(of: Expression, file: File): readonly Expression[] {
  if (of.kind === 'operation' && of.operator === '?:')
    return of.operands.slice(1).flatMap((one) => alternatives(one, file));
  const call = of.kind === 'call' && of.of.kind === 'name' ? of.of.name : undefined;
  if (of.kind === 'call' && (call === 'concat' || call === 'union')) {
    return of.arguments.flatMap((argument) => alternatives(argument, file));
  }
  if (of.kind === 'call' && call === 'map' && of.arguments[1]?.kind === 'lambda')
    return [of.arguments[1].body];
  if (of.kind === 'for') return [of.body];
  const variable = file.statements.find(
    ({ keyword, names }) => keyword === 'var' && of.kind === 'name' && names[0] === of.name,
  );
  return variable?.value ? alternatives(variable.value, file) : [of];
}

/** The path of every property that is set in an object, with `[]` for the elements of an array. */
export function* pathsIn(
  body: ObjectSyntax,
  file: File,
  before = '',
): Generator<{ path: string; value: Expression }> {
  for (const { key = '*', value } of body.properties) {
    const path = before + key;
    yield { path, value };
    yield* below(value, path);
  }

  function* below(value: Expression, path: string): Generator<{ path: string; value: Expression }> {
    for (const one of alternatives(value, file)) {
      if (one.kind === 'object') yield* pathsIn(one, file, `${path}.`);
      else if (one.kind === 'array') for (const item of one.items) yield* below(item, `${path}[]`);
    }
  }
}
