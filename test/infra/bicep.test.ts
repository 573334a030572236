import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultsOf } from './bicep/faults.ts';
import { parse } from './bicep/parse.ts';
import { bicepFiles } from './bicep/walk.ts';
import type { File } from './bicep/walk.ts';

const files = bicepFiles();
const fileOf = (path: string, source: string): File => ({ path, source, statements: parse(source) });

test(`each of ${files.length} files of Bicep parses, and says something`, () => {
  expect(files.length).toBeGreaterThan(10);
  for (const { path, statements } of files) expect(statements.length, path).toBeGreaterThan(0);
});

test('every name is declared and used, and every module is called with what it asks for', () => {
  expect(faultsOf(files)).toEqual([]);
});

test('every parameter, output and type is described, and so is every property of a type', () => {
  const bare = files.flatMap(({ path, statements }) =>
    statements
      .filter(({ keyword }) => keyword === 'param' || keyword === 'output' || keyword === 'type')
      .flatMap(({ names, decorators, type }) => [
        { name: names[0]!, decorators },
        ...(type?.properties.map((property) => property) ?? []),
      ])
      .filter(({ decorators }) => !decorators.some(({ name }) => name === 'description'))
      .map(({ name }) => `${path}: ${name}`),
  );
  expect(bare).toEqual([]);
});

describe('a file that is broken fails', () => {
  const whole = `// a comment
@description('What it is.')
param name string = 'a'
var list = [
  1
  name
]
resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = if (empty(name)) {
  name: 'st\${toLower(name)}'
  properties: { allowSharedKeyAccess: false, tags: list == [] ? {} : { a: list[0] } }

  resource blobs 'blobServices' = {
    name: 'default'
  }
}
output id string = account::blobs.id
`;
  test('which it does not where it is whole', () => expect(parse(whole)).toHaveLength(4));

  test.each([
    ['a bracket that is not closed', whole.replace('  name\n]', '  name\n')],
    ['a brace that is not closed', whole.replace(/\}\noutput/, 'output')],
    ['a brace too many', whole.replace('\noutput', '}\noutput')],
    ['a string that does not end', whole.replace("'default'", "'default")],
    ['a hole that does not end', whole.replace("(name)}'", "(name)'")],
    ['an escape that there is not', whole.replace("'default'", String.raw`'def\ault'`)],
    ['a property without its value', whole.replace("name: 'default'", 'name:')],
    ['a property without its colon', whole.replace("name: 'default'", "name 'default'")],
    ['a property twice', whole.replace("name: 'default'", "name: 'default'\n    name: 'other'")],
    ['two properties in a line without a comma', whole.replace('false, tags', 'false tags')],
    ['a declaration without its equals sign', whole.replace('var list =', 'var list')],
    ['two declarations in a line', whole.replace('\noutput', ' output')],
    ['a keyword that there is not', whole.replace('param', 'parameter')],
    ['a parameter without its type', whole.replace('param name string', 'param name')],
    ['an output without its value', whole.replace(' = account::blobs.id', '')],
    ['a condition without its end', whole.replace('? {} : { a', '? {} { a')],
    ['a comment that does not end', whole.replace('// a comment', '/* a comment')],
    ['an operator without what follows', whole.replace('list == []', 'list ==')],
    ['a resource of a computed type', whole.replace("'blobServices'", "'blob${name}'")],
    ['double quotes', whole.replace("'default'", '"default"')],
  ])('%s', (_, broken) => {
    expect(broken).not.toBe(whole);
    expect(() => parse(broken)).toThrow(/, line \d+$/);
  });

  test('in any file of ours, wherever a brace, bracket, quote, colon or equals sign is lost', () => {
    const places = files.flatMap(({ path, source }) =>
      [...marksOnly(source).matchAll(/[{}[\]()':]|(?<= )=(?= )/g)].map(({ index }) => ({ path, index })),
    );
    expect(places.length).toBeGreaterThan(1000);
    fc.assert(
      fc.property(fc.constantFrom(...places), ({ path, index }) => {
        const { source } = files.find((file) => file.path === path)!;
        expect(() => parse(source.slice(0, index) + source.slice(index + 1))).toThrow(/, line \d+$/);
      }),
      { numRuns: 150 },
    );
  });
});

/** Comments and the text of strings blotted out, in their length: what is left holds the file together. */
function marksOnly(source: string): string {
  const blot = (text: string) => ' '.repeat(text.length);
  return source
    .replaceAll(/^\s*\/\/.*$/gm, blot)
    .replaceAll(/'((?:[^'\\\n]|\\.)*)'/g, (_, text: string) =>
      /[$\\]/.test(text) ? blot(`''${text}`) : `'${blot(text)}'`,
    );
}

describe('a name that does not fit is found', () => {
  const called = fileOf(
    'called.bicep',
    "param a string\nparam b string = ''\noutput c string = '${a}${b}'\n",
  );
  const caller = (body: string, after = 'output d string = called.outputs.c\n') =>
    fileOf(
      'main.bicep',
      `module called './called.bicep' = {\n  name: 'called'\n  params: {\n${body}  }\n}\n${after}`,
    );

  test.each([
    ['none', caller("    a: 'x'\n"), []],
    ['a parameter that is missing', caller("    b: 'x'\n"), ['main.bicep: called is not given a']],
    [
      'a parameter that there is not',
      caller("    a: 'x'\n    z: 'x'\n"),
      ['main.bicep: called has no parameter z'],
    ],
    [
      'an output that there is not',
      caller("    a: 'x'\n", 'output d string = called.outputs.z\n'),
      ['main.bicep: called has no output z'],
    ],
    ['a name that is not declared', caller('    a: nowhere\n'), ['main.bicep: nowhere is not declared']],
    [
      'a function that there is not',
      caller("    a: tolower('x')\n"),
      ['main.bicep: tolower() is not known here'],
    ],
    ['a variable for nothing', caller("    a: 'x'\n", "var d = ''\n"), ['main.bicep: d is never used']],
    [
      'a name twice',
      caller("    a: 'x'\n", 'param called string\n'),
      ['main.bicep: called is declared twice', 'main.bicep: called is never used'],
    ],
  ])('%s', (_, main, faults) => {
    expect(faultsOf([called, main])).toEqual(faults);
  });

  test('a file that there is not', () => {
    expect(faultsOf([caller("    a: 'x'\n")])).toEqual(['main.bicep: there is no ./called.bicep']);
  });
});
