/** A statement that names a module by `specifier`, with `gap` wherever white space or a comment may stand. */
type Form = (specifier: string, gap?: string, quote?: string) => string;

/** All that loads, or may load, what it names. */
export const loading: Record<string, Form> = {
  'an import': (s, g = ' ', q = "'") => `import${g}{ x }${g}from${g}${q}${s}${q};`,
  'a default import': (s, g = ' ', q = "'") => `import x${g}from${g}${q}${s}${q}`,
  'a namespace import': (s, g = ' ', q = "'") => `import * as x${g}from ${q}${s}${q};`,
  'a default import named type': (s, g = ' ', q = "'") => `import${g}type${g}from${g}${q}${s}${q};`,
  'an import of inline types': (s, g = ' ', q = "'") => `import {${g}type X, type Y } from${g}${q}${s}${q};`,
  'a side-effect import': (s, g = ' ', q = "'") => `import${g}${q}${s}${q};`,
  'an import with attributes': (s, g = ' ', q = "'") =>
    `import x from${g}${q}${s}${q} with { type: 'json' };`,
  'a deferred import': (s, g = ' ', q = "'") => `import${g}defer * as x from${g}${q}${s}${q};`,
  'a re-export': (s, g = ' ', q = "'") => `export${g}{ x as y }${g}from${g}${q}${s}${q};`,
  'a re-export of all': (s, g = ' ', q = "'") => `export *${g}from${g}${q}${s}${q};`,
  'a dynamic import': (s, g = ' ', q = "'") => `const x = await import${g}(${g}${q}${s}${q}${g});`,
  'a dynamic import in a template': (s, g = ' ', q = "'") =>
    `const x = \`a\${await import(${g}${q}${s}${q})}b\`;`,
  'a dynamic import with options': (s, g = ' ', q = "'") => `import(${g}${q}${s}${q}${g}, { with: {} });`,
  'a dynamic import of a plain template': (s, g = ' ') => `import(${g}\`${s}\`);`,
  'an import in a type': (s, g = ' ', q = "'") => `type X = import(${g}${q}${s}${q}${g}).X;`,
  'a require': (s, g = ' ', q = "'") => `const x = require${g}(${g}${q}${s}${q});`,
  'an import by require': (s, g = ' ', q = "'") => `import x = require(${g}${q}${s}${q});`,
  'a resolution': (s, g = ' ', q = "'") => `const x = import.meta.resolve(${g}${q}${s}${q});`,
  'a created require': (s, g = ' ', q = "'") => `createRequire(import.meta.url)(${g}${q}${s}${q});`,
  'a URL': (s, g = ' ', q = "'") => `new Worker(new URL(${g}${q}${s}${q}, import.meta.url));`,
  'a reference in a comment': (s) => `/// <reference path="${s}" />`,
};
/** All that Node erases. */
export const erased: Record<string, Form> = {
  'a type import': (s, g = ' ', q = "'") => `import${g}type${g}{ X } from${g}${q}${s}${q};`,
  'a default type import': (s, g = ' ', q = "'") => `import type${g}X from${g}${q}${s}${q};`,
  'a type re-export': (s, g = ' ', q = "'") => `export${g}type${g}{ X } from${g}${q}${s}${q};`,
  'a type re-export of all': (s, g = ' ', q = "'") => `export type *${g}from ${q}${s}${q};`,
};
export const everyForm = { ...loading, ...erased };
