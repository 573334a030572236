import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { everyForm } from './forms.ts';
import { violationsIn } from './imports.ts';

describe('what could hide an import does not', () => {
  test.each([
    ['a computed name', 'await import(name)'],
    ['a name put together', "await import('../lo' + 'cal/x.ts')"],
    ['a template with a hole', 'await import(`../${room}/x.ts`)'],
    ['a template that begins in another room', 'load(`../local/${name}.ts`)'],
    ['escaped letters', String.raw`import '../\x6c\u006f\u{63}al/x.ts'`],
    ['percent signs', "import '../%6cocal/x.ts'"],
    ['a way around', "import './../shared/../local/x.ts'"],
    ['a query', "import '../local/x.ts?query'"],
    ['an absolute path', "import '/local/x.ts'"],
    ['a file URL', "import 'file:///local/x.ts'"],
    ['a data URL', "import 'data:text/javascript,0'"],
    ['a name in package.json', "import '#local'"],
    ['a path out of the project', "import '../../elsewhere/x.ts'"],
    ['a file at the top', "import '../some.config.ts'"],
    ['a folder of no room', "import '../dist/x.js'"],
    ['packages by path', "import './node_modules/x/x.js'"],
    ['a string that does not end', "const x = 'abc\nimport '../local/x.ts'"],
    ['a template that does not end', "const x = `abc\nimport '../local/x.ts'"],
    ['a comment that does not end', "/* import '../local/x.ts'"],
  ])('%s', (_, source) => {
    expect(violationsIn('shared/x.ts', source)).not.toEqual([]);
  });

  test.each([
    ["const a = /'/;", 'a quote in a regular expression'],
    ['const a = /[/`"]/g;', 'a class in a regular expression'],
    ["if (x) /'/.test(y);", 'a regular expression after if (…)'],
    ['return /`/;', 'a regular expression after return'],
    ['{ }\n/`/.test(y);', 'a regular expression after a block'],
    ['const a = b / c; // `', 'a division'],
    ["const a = (b) / c; const d = '/';", 'a division after a parenthesis'],
    ['const a = b++ / c; const d = "`" / 2;', 'a division after ++'],
    ["const a = `/* ${b ? `'${c}` : '}'} '`;", 'nested templates'],
    ["const a = `\\`'$ {`;", 'an escaped backtick'],
    ["const a = '// `'; /* ' */", 'a comment in a string'],
    ["const a = '\\'`';", 'an escaped quote'],
    ["#!/usr/bin/env node'", 'a first line for the shell'],
    ['const a = { import: 1, from: 2, export: 3 };', 'keywords as names'],
    ['const a = b! / 2; const c = "/";', 'a division after an assertion'],
    ['const a = x as Y<Z>; const b = 1 < 2 ? `a` : "b"; // it\'s', 'types and comparisons'],
  ])('%s (%s)', (before) => {
    expect(violationsIn('shared/x.ts', `${before}\nimport { x } from '../local/x.ts';`)).toHaveLength(1);
    expect(violationsIn('shared/x.ts', `${before}\nimport { x } from './x.ts';`)).toEqual([]);
  });

  test('and what only looks like one is none', () => {
    const source = `
      // import x from '../local/x.ts'
      /* require('../local/x.ts') */
      /** @example import { x } from '../functions/x.ts' */
      const text = "import x from 'local'";
      const url = new URL('..', base), folder = join(here, '..', 'local'), more = '../', ellipsis = '...';
      const { local } = settings; export { local }; export const from = 'x'; export default from;
      import data from '../package.json' with { type: 'json' };`;
    expect(violationsIn('shared/deep/x.ts', source.replace('../package', '../../package'))).toEqual([]);
  });
});

describe('for any source', () => {
  const form = fc.constantFrom(...Object.entries(everyForm));

  test('comments hide nothing that follows and show nothing that they hold', () => {
    const words = fc.string({ unit: fc.constantFrom(...'ab\'"`${}()/ \\'.split('')), maxLength: 30 });
    fc.assert(
      fc.property(form, words, ([, write], noise) => {
        const comment = `/* ${write('../local/x.ts').replaceAll('/', '|')} ${noise.replaceAll('*/', '')} */ // ${noise}\n`;
        expect(violationsIn('shared/x.ts', comment)).toEqual([]);
        expect(violationsIn('shared/x.ts', `${comment}${write('../local/x.ts')}`)).toHaveLength(1);
      }),
    );
  });

  test('it answers', () => {
    const unit = fc.constantFrom(...'import( from\'"`${}/*\\\n.;=)'.split(''), 'import ', 'require(');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 80 }), (source) => void violationsIn('shared/x.ts', source)),
    );
  });
});
