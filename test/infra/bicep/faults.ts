import { posix } from 'node:path';
import type { Expression, Statement } from './syntax.ts';
import { bodyOf } from './walk.ts';
import type { File } from './walk.ts';

/** The functions of Bicep that infra/ uses. */
const FUNCTIONS = new Set(
  `concat deployer empty environment filter guid int items json loadTextContent map min replace resourceGroup split string
   subscription subscriptionResourceId tenant toLower toObject union uniqueString`.split(/\s+/),
);

/** What a compiler would say about names: what is not declared, declared twice or never used, and modules called amiss. */
export function faultsOf(files: readonly File[]): readonly string[] {
  return files.flatMap((file) => [...duplicates(file), ...names(file), ...calls(file)]);

  function declared(file: File): string[] {
    const all: string[] = [];
    const add = (statement: Statement) => {
      // Outputs have names of their own.
      if (statement.keyword !== 'output') all.push(...statement.names);
    };
    for (const statement of file.statements) add(statement);
    return all;
  }

  function duplicates(file: File): string[] {
    const all = declared(file);
    return all
      .filter((name, index) => all.indexOf(name) !== index)
      .map((name) => `${file.path}: ${name} is declared twice`);
  }

  function names(file: File): string[] {
    const faults: string[] = [];
    const known = new Set(declared(file));
    const used = new Set(file.statements.flatMap(({ type }) => type?.text.replace(/\[\]$/, '') ?? []));
    const visit = (of: Expression, scope: ReadonlySet<string>): void => {
      switch (of.kind) {
        case 'name':
          used.add(of.name);
          if (!scope.has(of.name)) faults.push(`${file.path}: ${of.name} is not declared`);
          return;
        case 'call':
          if (of.of.kind !== 'name') visit(of.of, scope);
          else if (!FUNCTIONS.has(of.of.name)) faults.push(`${file.path}: ${of.of.name}() is not known here`);
          for (const argument of of.arguments) visit(argument, scope);
          return;
        case 'lambda':
          return visit(of.body, new Set([...scope, ...of.parameters]));
        case 'for':
          visit(of.of, scope);
          return visit(of.body, new Set([...scope, ...of.variables]));
        case 'object': {
          for (const { computed, value } of of.properties) {
            if (computed) visit(computed, scope);
            visit(value, scope);
          }
          for (const { value } of of.resources) if (value) visit(value, scope);
          return;
        }
        case 'string':
          for (const part of of.parts) if (typeof part !== 'string') visit(part, scope);
          return;
        case 'array':
          for (const item of of.items) visit(item, scope);
          return;
        case 'member':
          return visit(of.of, scope);
        case 'index':
          visit(of.of, scope);
          return visit(of.index, scope);
        case 'operation':
          for (const operand of of.operands) visit(operand, scope);
          return;
        case 'if':
          visit(of.condition, scope);
          return visit(of.body, scope);
        default:
      }
    };
    for (const { value } of file.statements) if (value) visit(value, known);
    const unused = file.statements
      .filter(({ keyword }) => keyword === 'param' || keyword === 'var' || keyword === 'import')
      .flatMap((statement) => statement.names)
      .filter((name) => !used.has(name));
    return [...faults, ...unused.map((name) => `${file.path}: ${name} is never used`)];
  }

  /** Every module is there, gets each parameter it asks for and no other, and gives the outputs that are asked of it. */
  function calls(file: File): string[] {
    return file.statements.flatMap(({ keyword, names: [name = ''], source = '', value }) => {
      if (keyword !== 'module' || !value) return [];
      const target = files.find(({ path }) => path === posix.join(posix.dirname(file.path), source));
      if (!target) return [`${file.path}: there is no ${source}`];
      const wanted = target.statements.filter((statement) => statement.keyword === 'param');
      const params = bodyOf(value)?.properties.find(({ key }) => key === 'params')?.value;
      const given = params?.kind === 'object' ? params.properties.map(({ key }) => key ?? '') : [];
      const outputs = target.statements
        .filter((statement) => statement.keyword === 'output')
        .map(({ names: [one] }) => one);
      const asked = [...file.source.matchAll(new RegExp(String.raw`\b${name}!?\.outputs\.(\w+)`, 'g'))].map(
        ([, one]) => one,
      );
      return [
        ...wanted
          .filter((param) => !param.value && !given.includes(param.names[0]!))
          .map((param) => `${file.path}: ${name} is not given ${param.names[0]}`),
        ...given
          .filter((one) => !wanted.some((param) => param.names[0] === one))
          .map((one) => `${file.path}: ${name} has no parameter ${one}`),
        ...asked
          .filter((one) => !outputs.includes(one))
          .map((one) => `${file.path}: ${name} has no output ${one}`),
      ];
    });
  }
}
